import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a run knew of its baseline from before it began. */
export const baselineHistory: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table baseline_history (
      run_id text collate "C" primary key references run (id) on delete cascade,
      packed bytea not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  },
};
