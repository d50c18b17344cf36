import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What clients of other tools keep with Assay, in their own words. */
export const foreignDocuments: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table foreign_document (
      collection text collate "C" not null,
      id text collate "C" not null,
      label text collate "C" not null,
      body text not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (collection, id)
    )`.execute(db);
    await sql`create index foreign_document_by_label on foreign_document (collection, label, created_at)`.execute(db);
  },
};
