import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** So that what has had its time is found without reading a table: keys by age, documents by the run that they are about. */
export const retentionIndexes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index idempotency_key_age on idempotency_key (created_at)`.execute(db);
    await sql`create index foreign_document_id on foreign_document (id)`.execute(db);
  },
};
