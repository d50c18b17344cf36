import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Ids are compared byte by byte (`collate "C"`), so that the order of time is the order of the index on every server. */
const statements = [
  `create table run (
    id text collate "C" primary key,
    state text not null check (state in ('running', 'finished', 'cancelled')),
    mode text not null check (mode in ('live', 'retrospective')),
    template_name text not null,
    template_hash text not null,
    document text not null,
    phase_changes text not null,
    labels text[] not null,
    open_key text,
    looks integer not null default 0,
    verdict text,
    decision text check (decision in ('promote', 'hold', 'rollback')),
    code text,
    final boolean not null default false,
    created_at timestamptz not null,
    finished_at timestamptz,
    check (final = (state <> 'running')),
    check (not final or verdict is not null)
  )`,
  `create unique index run_open on run (open_key) where state = 'running'`,
  `create index run_running on run (id) where state = 'running'`,
  `create index run_template on run (template_name, id)`,
  `create index run_labels on run using gin (labels)`,

  `create table idempotency_key (
    key text primary key,
    request_hash text not null,
    run_id text collate "C" not null,
    created_at timestamptz not null
  )`,

  `create table look (
    run_id text collate "C" not null references run (id) on delete cascade,
    sequence integer not null check (sequence >= 1),
    at timestamptz not null,
    final boolean not null,
    verdict text not null,
    measured text,
    created_at timestamptz not null default now(),
    primary key (run_id, sequence)
  )`,
  `create unique index look_final on look (run_id) where final`,

  `create table closed_window (
    service text collate "C" not null,
    from_ms bigint not null,
    to_ms bigint not null check (to_ms > from_ms),
    packed bytea not null,
    created_at timestamptz not null default now(),
    primary key (service, from_ms, to_ms)
  )`,
  `create index closed_window_from on closed_window (from_ms)`,

  `create table endpoint (
    id text collate "C" primary key,
    channel text not null,
    url text,
    url_ref text,
    secret_ref text,
    events text[] not null,
    description text not null,
    enabled boolean not null,
    disabled_reason text,
    failing_since timestamptz,
    created_at timestamptz not null,
    deleted_at timestamptz,
    check ((url is null) <> (url_ref is null))
  )`,

  `create table event (
    id text collate "C" primary key,
    type text not null,
    run_id text collate "C" not null,
    at timestamptz not null,
    body text not null,
    created_at timestamptz not null default now()
  )`,
  `create index event_run on event (run_id)`,

  `create table delivery (
    id text collate "C" primary key,
    position bigint generated always as identity,
    event_id text collate "C" not null references event (id) on delete cascade,
    endpoint_id text collate "C" not null references endpoint (id) on delete cascade,
    run_id text collate "C" not null,
    state text not null check (state in ('pending', 'delivered', 'dead')),
    lane text not null check (lane in ('fast', 'usual')),
    lane_attempts integer not null default 0,
    attempts integer not null default 0,
    due_at timestamptz not null,
    claim text,
    claimed_until timestamptz,
    replay_of text collate "C",
    created_at timestamptz not null,
    finished_at timestamptz
  )`,
  `create index delivery_due on delivery (due_at) where state = 'pending'`,
  `create index delivery_turn on delivery (endpoint_id, due_at, position) where state = 'pending'`,
  `create index delivery_busy on delivery (endpoint_id, claimed_until) where state = 'pending' and claimed_until is not null`,
  `create index delivery_order on delivery (endpoint_id, run_id, position) where state = 'pending'`,
  `create index delivery_event on delivery (event_id)`,
  `create index delivery_endpoint on delivery (endpoint_id, id)`,

  `create table delivery_attempt (
    delivery_id text collate "C" not null references delivery (id) on delete cascade,
    number integer not null,
    at timestamptz not null,
    status integer,
    duration_ms integer not null,
    error text,
    snippet text,
    primary key (delivery_id, number)
  )`,

  `create function assay_keep_final_verdict() returns trigger language plpgsql as $$
  begin
    if row(new.id, new.state, new.verdict, new.decision, new.code, new.final, new.looks, new.finished_at, new.document, new.phase_changes)
      is distinct from
      row(old.id, old.state, old.verdict, old.decision, old.code, old.final, old.looks, old.finished_at, old.document, old.phase_changes)
    then
      raise exception 'run % has a final verdict, which never changes', old.id using errcode = 'restrict_violation';
    end if;
    return new;
  end $$`,
  `create trigger run_final_verdict before update on run
    for each row when (old.final) execute function assay_keep_final_verdict()`,

  `create function assay_keep_final_look() returns trigger language plpgsql as $$
  begin
    if exists (select 1 from run where id = old.run_id) then
      raise exception 'look % of run % is final and never changes', old.sequence, old.run_id using errcode = 'restrict_violation';
    end if;
    return coalesce(new, old);
  end $$`,
  `create trigger look_final_kept before update or delete on look
    for each row when (old.final) execute function assay_keep_final_look()`,

  `create function assay_keep_event() returns trigger language plpgsql as $$
  begin
    raise exception 'event % was written once and never changes', old.id using errcode = 'restrict_violation';
  end $$`,
  `create trigger event_kept before update on event for each row execute function assay_keep_event()`,
];

export const runsAndDeliveries: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
