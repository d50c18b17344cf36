import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type Run } from '../domain/index.js';
import { Database } from './database.js';
import { timeSortableId } from './ids.js';
import { runOf } from './run-row.js';

/** Rows that one statement deletes: the embedded store is busy with it for some 10 ms, and everybody else waits. */
const portion = 200;
/** Rows that one statement counts: some 5 ms. */
const counted = 1_000;
/** Keys are recognised for so long, and must find their runs. */
const keyLifetimeMs = 24 * 3_600_000;
/** Analyses that a Kayenta client asked for interval by interval: they are no runs, only name some. */
const analyses = { collection: 'kayenta/standalone-analysis', prefix: 'sca' };

/** Embedded, nobody else cleans up behind updates and deletions. */
const tables = [
  'run',
  'idempotency_key',
  'look',
  'baseline_history',
  'closed_window',
  'stream_group',
  'stream_progress',
  'stream_window_part',
  'event',
  'delivery',
  'delivery_attempt',
  'foreign_document',
] as const;

/** Which runs have had their time. */
export interface RunsExpired {
  readonly endedBefore: Date;
  /** runs with a smaller id are too many; null: there are not so many */
  readonly beforeId: string | null;
}

/** Finds and deletes what has had its time, a few rows at a time. Each method is one short statement or transaction. */
@Injectable()
export class RetentionStore {
  constructor(private readonly database: Database) {}

  /** Walks from the newest run to the oldest. @returns the smallest id of the next few runs, and how many they are */
  async countRuns(before: string | null, most: number): Promise<{ reached: string | null; rows: number }> {
    const below = before === null ? sql`true` : sql`id < ${before}`;
    const { rows } = await sql<{ reached: string | null; rows: number }>`
      select min(id) as reached, count(*) as rows
      from (select id from run where ${below} order by id desc limit ${Math.min(counted, most)}) as page`.execute(this.database.db);
    return rows[0] ?? { reached: null, rows: 0 };
  }

  /** Ended runs that have had their time, oldest first; never one that a repeated request may still ask for. */
  async expiredRuns({ endedBefore, beforeId }: RunsExpired, now: Date, after: string): Promise<{ id: string; looks: number }[]> {
    const lastStart = timeSortableId('run', endedBefore, new Uint8Array(10).fill(31));
    const upTo = beforeId !== null && beforeId > lastStart ? beforeId : lastStart;
    return this.database.db
      .selectFrom('run')
      .select(['id', 'looks'])
      .where('id', '>', after)
      .where('id', '<', upTo)
      .where('final', '=', true)
      .where('finished_at', '<', new Date(now.getTime() - keyLifetimeMs))
      .where((is) => is.or([is('finished_at', '<', endedBefore), ...(beforeId === null ? [] : [is('id', '<', beforeId)])]))
      .orderBy('id')
      .limit(portion)
      .execute();
  }

  /** Whether somebody has still to be told something of the run. */
  async isUndelivered(runId: string): Promise<boolean> {
    const row = await this.database.db
      .selectFrom('event')
      .innerJoin('delivery', 'delivery.event_id', 'event.id')
      .select('event.id')
      .where('event.run_id', '=', runId)
      .where('delivery.state', '=', 'pending')
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Deletes some looks of a run, but not the last ones: the final one goes with the run. @returns how many */
  async deleteLooks(runId: string, looks: number): Promise<number> {
    const { numDeletedRows } = await this.database.db
      .deleteFrom('look')
      .where('run_id', '=', runId)
      .where('final', '=', false)
      .where('sequence', '<=', looks - portion)
      .where('sequence', 'in', (from) =>
        from
          .selectFrom('look')
          .select('sequence')
          .where('run_id', '=', runId)
          .where('final', '=', false)
          .orderBy('sequence')
          .limit(portion),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  /**
   * Deletes some events with their deliveries, unless one has still to be delivered. A replay that comes at the same moment either finds
   * its event gone or keeps it.
   */
  async deleteEvents(runId: string, before: Date | null): Promise<number> {
    return this.database.transaction(async () => {
      const { db } = this.database;
      let query = db.selectFrom('event').select('id').where('run_id', '=', runId);
      if (before !== null) query = query.where('at', '<', before);
      const locked = await query
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('delivery').select('id').whereRef('delivery.event_id', '=', 'event.id').where('delivery.state', '=', 'pending'),
            ),
          ),
        )
        .orderBy('id')
        .limit(portion)
        .forUpdate()
        .execute();
      if (locked.length === 0) return 0;
      const { numDeletedRows } = await db
        .deleteFrom('event')
        .where(
          'id',
          'in',
          locked.map(({ id }) => id),
        )
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('delivery').select('id').whereRef('delivery.event_id', '=', 'event.id').where('delivery.state', '=', 'pending'),
            ),
          ),
        )
        .executeTakeFirst();
      return Number(numDeletedRows);
    });
  }

  /** Deletes a run with all that is about it and small; false: an event of it came back and is to be delivered first. */
  async deleteRun(runId: string): Promise<boolean> {
    return this.database.transaction(async () => {
      const { db } = this.database;
      await this.deleteEvents(runId, null);
      if (await db.selectFrom('event').select('id').where('run_id', '=', runId).limit(1).executeTakeFirst()) return false;
      await db.deleteFrom('foreign_document').where('id', '=', runId).execute();
      const { numDeletedRows } = await db.deleteFrom('run').where('id', '=', runId).where('final', '=', true).executeTakeFirst();
      return numDeletedRows > 0n;
    });
  }

  async deleteKeys(now: Date): Promise<number> {
    const { numAffectedRows = 0n } = await sql`
      delete from idempotency_key where key in (
        select key from idempotency_key where created_at < ${new Date(now.getTime() - keyLifetimeMs)} order by created_at limit ${portion}
      )`.execute(this.database.db);
    return Number(numAffectedRows);
  }

  async deleteDocuments(before: Date): Promise<number> {
    const { collection, prefix } = analyses;
    const first = timeSortableId(prefix, before, new Uint8Array(10));
    const { numAffectedRows = 0n } = await sql`
      delete from foreign_document where collection = ${collection} and id in (
        select id from foreign_document where collection = ${collection} and id < ${first} and id like ${`${prefix}\\_%`} order by id limit ${portion}
      )`.execute(this.database.db);
    return Number(numAffectedRows);
  }

  /** Walks from the newest window to the oldest. @returns where the next few begin, milliseconds, and how many begin there or later */
  async countWindows(before: number | null, most: number): Promise<{ reached: number | null; rows: number }> {
    const below = before === null ? sql`true` : sql`from_ms < ${before}::bigint`;
    const { rows } = await sql<{ reached: number | null; rows: number }>`
      with page as (select from_ms from closed_window where ${below} order by from_ms desc limit ${Math.min(counted, most)}),
        edge as (select min(from_ms) as at from page)
      select (select at from edge) as reached,
        (select count(*) from closed_window where ${below} and from_ms >= (select at from edge)) as rows`.execute(this.database.db);
    return rows[0] ?? { reached: null, rows: 0 };
  }

  /** @param ms  windows that ended by then have had their time */
  async deleteWindows(ms: number): Promise<number> {
    const { numAffectedRows = 0n } = await sql`
      delete from closed_window where ctid = any(array(
        select ctid from closed_window where from_ms < ${ms}::bigint and to_ms <= ${ms}::bigint order by from_ms limit ${portion}
      ))`.execute(this.database.db);
    return Number(numAffectedRows);
  }

  /** A few open runs, by id. */
  async openRuns(after: string): Promise<Run[]> {
    const rows = await this.database.db
      .selectFrom('run')
      .selectAll()
      .where('state', '=', 'running')
      .where('id', '>', after)
      .orderBy('id')
      .limit(20)
      .execute();
    return rows.map(runOf);
  }

  /** Makes the space of deleted rows usable again, a table a step, and then the space of the log of changes. Nothing to do on a server. */
  async *cleanUp(): AsyncGenerator<void> {
    if (!this.database.embedded || !this.database.hasRoom()) return;
    for (const table of tables) {
      await sql`vacuum ${sql.table(table)}`.execute(this.database.db);
      yield;
    }
    await sql`checkpoint`.execute(this.database.db);
  }

  /** Bytes of the tables and indexes; embedded also of the log of changes. */
  async bytes(): Promise<number> {
    const log = this.database.embedded ? sql`(select coalesce(sum(size), 0) from pg_ls_waldir())` : sql`0`;
    const { rows } = await sql<{ bytes: string }>`select (pg_database_size(current_database()) + ${log})::text as bytes`.execute(
      this.database.db,
    );
    return Number(rows[0]?.bytes);
  }
}
