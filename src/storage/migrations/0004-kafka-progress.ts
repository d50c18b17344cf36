import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const statements = [
  `create table stream_group (
    name text collate "C" primary key,
    closed_through_ms bigint not null
  )`,
  `create table stream_progress (
    group_name text collate "C" not null references stream_group (name) on delete cascade,
    topic text collate "C" not null,
    partition integer not null,
    next_offset bigint not null,
    complete_until_ms bigint not null,
    updated_at timestamptz not null default now(),
    primary key (group_name, topic, partition)
  )`,
  `create table stream_window_part (
    id bigint generated always as identity primary key,
    group_name text collate "C" not null references stream_group (name) on delete cascade,
    service text collate "C" not null,
    from_ms bigint not null,
    to_ms bigint not null check (to_ms > from_ms),
    packed bytea not null
  )`,
  'create index stream_window_part_due on stream_window_part (group_name, from_ms)',
];

/** How far each partition of a log is stored, and what is stored of windows that are still open. */
export const kafkaProgress: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
