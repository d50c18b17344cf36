import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Endpoints have options of their channel, and rules for which events they are told of. */
export const endpointRouting: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table endpoint add column options text not null default '{}'`.execute(db);
    await sql`alter table endpoint add column rules text not null default '{}'`.execute(db);
  },
};
