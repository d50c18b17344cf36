import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { type ClosedWindow, ConflictError, type TimeSlice } from '../domain/index.js';
import { Database } from './database.js';
import { columnText } from './ids.js';
import { packJson, unpackJson } from './packed-json.js';
import { closableGroups, type StoredPart } from './window-parts.js';

export interface StreamPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface StreamProgress extends StreamPartition {
  /** the first record that is not stored; −1: nobody has begun */
  readonly nextOffset: number;
  /** ms; everything that the partition got before is stored */
  readonly completeUntil: number;
}

/** Records `[from, to)` of a partition are in the windows that are given with it. */
export interface StreamMove extends StreamPartition {
  readonly from: number;
  readonly to: number;
  readonly completeUntil: number;
}

export interface StreamRecords {
  readonly moves: readonly StreamMove[];
  /** what those records add to their windows */
  readonly windows: readonly ClosedWindow[];
}

/** When windows close, and what becomes of their parts. */
export interface ClosingRules {
  /** all whose partitions have a say */
  readonly topics: readonly string[];
  /** as far as windows may close when everything before `completeUntil` is stored, ms */
  throughAt(completeUntil: number): number;
  /** windows before this close, whatever partitions are behind: theirs are dropped, because half of a window lies */
  readonly giveUpBefore: number;
  /** where late observations of a service are told of */
  sliceAt(ms: number): TimeSlice;
  merge(parts: readonly ClosedWindow[]): ClosedWindow;
}

export interface Kept {
  readonly closedThrough: number;
  /** windows that were closed */
  readonly closed: number;
  /** windows that were there already, by another way of ingest: what the log had of them is lost */
  readonly refused: number;
  /** windows that were given up */
  readonly dropped: number;
  readonly late: number;
  /** there was more to close than is done in one go: ask again */
  readonly more: boolean;
}

const startsInOneGo = 60;

/**
 * Windows of telemetry that several replicas read from one log, partition by partition.
 *
 * What a replica stores is one transaction: what records add to their windows, how far its partitions are read, and which
 * windows are closed by that. Each record is therefore in a window exactly once, whoever read it and however often: a
 * replica whose partition was moved on by another one gets a ConflictError, and nothing of it is kept.
 * Replicas take turns; the row of their group is the lock.
 */
@Injectable()
export class StreamStore {
  constructor(private readonly database: Database) {}

  /** true: replicas in other processes cannot share this store */
  get isPrivate(): boolean {
    return this.database.embedded;
  }

  /**
   * Makes a group and its partitions known: from now on no window closes before all of them are read.
   *
   * @param closedThrough  where a new group begins; windows before that are not kept
   * @returns how far every partition of these topics is stored
   */
  async join(group: string, partitions: readonly StreamPartition[], closedThrough: number): Promise<StreamProgress[]> {
    await this.database.transaction(async () => {
      const { db } = this.database;
      const name = columnText(group);
      await db
        .insertInto('stream_group')
        .values({ name, closed_through_ms: closedThrough })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
      if (partitions.length === 0) return;
      const rows = partitions.map(({ topic, partition }) => ({
        group_name: name,
        topic,
        partition,
        next_offset: -1,
        complete_until_ms: 0,
      }));
      await db
        .insertInto('stream_progress')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['group_name', 'topic', 'partition']).doNothing())
        .execute();
    });
    return this.progress(group);
  }

  /** How far each partition of the group is stored. */
  async progress(group: string): Promise<StreamProgress[]> {
    const rows = await this.database.db
      .selectFrom('stream_progress')
      .selectAll()
      .where('group_name', '=', columnText(group))
      .orderBy('topic')
      .orderBy('partition')
      .execute();
    return rows.map(({ topic, partition, next_offset, complete_until_ms }) => ({
      topic,
      partition,
      nextOffset: next_offset,
      completeUntil: complete_until_ms,
    }));
  }

  /** Milliseconds: every window of the group that begins before is closed; null: no such group. */
  async closedThrough(group: string): Promise<number | null> {
    const row = await this.database.db
      .selectFrom('stream_group')
      .select('closed_through_ms')
      .where('name', '=', columnText(group))
      .executeTakeFirst();
    return row?.closed_through_ms ?? null;
  }

  /**
   * Keeps what some records add to their windows, and closes the windows that are due. What belongs to a closed window is
   * late: it is told of in the next window of its service.
   *
   * @throws {ConflictError} another replica has moved one of the partitions on: nothing was kept
   * @throws {StoreUnavailableError} it may or may not have been kept; the same again is safe, and then conflicts
   */
  keep(group: string, records: StreamRecords, rules: ClosingRules): Promise<Kept> {
    return this.database.transaction(async () => {
      const name = columnText(group);
      const { closed_through_ms: through } = await this.database.db
        .selectFrom('stream_group')
        .select('closed_through_ms')
        .where('name', '=', name)
        .forUpdate()
        .executeTakeFirstOrThrow();
      await this.moveOn(name, records.moves);
      const late = await this.addParts(name, records.windows, through, rules);
      return { late, ...(await this.close(name, through, rules)) };
    });
  }

  private async moveOn(group: string, moves: readonly StreamMove[]): Promise<void> {
    if (moves.length === 0) return;
    const text = JSON.stringify(
      moves.map(({ topic, partition, from, to, completeUntil: until }) => ({ topic, partition, from, to, until })),
    );
    const { numAffectedRows = 0n } = await sql`
      update stream_progress as known
      set next_offset = moved."to", complete_until_ms = greatest(known.complete_until_ms, moved.until), updated_at = now()
      from jsonb_to_recordset(${text}::jsonb) as moved (topic text, partition integer, "from" bigint, "to" bigint, until bigint)
      where known.group_name = ${group} and known.topic = moved.topic and known.partition = moved.partition
        and known.next_offset = moved."from"`.execute(this.database.db);
    if (Number(numAffectedRows) === moves.length) return;
    throw new ConflictError(`another replica has read on in ${moves.length - Number(numAffectedRows)} of ${moves.length} partitions`);
  }

  /** @returns observations that came too late for their windows */
  private async addParts(
    group: string,
    windows: readonly ClosedWindow[],
    through: number,
    { sliceAt }: Pick<ClosingRules, 'sliceAt'>,
  ): Promise<number> {
    const inTime = windows.filter(({ from }) => from >= through);
    const late = windows.filter(({ from }) => from < through);
    const told = late.map((window) => ({
      ...window,
      ...sliceAt(through),
      cells: [],
      flags: { ...window.flags, late: observationsIn(window) },
    }));
    const parts = [...inTime, ...told];
    for (let start = 0; start < parts.length; start += 200) {
      const rows = await Promise.all(
        parts.slice(start, start + 200).map(async (window) => ({
          group_name: group,
          service: columnText(window.service),
          from_ms: window.from,
          to_ms: window.to,
          packed: await packJson(window),
        })),
      );
      await this.database.db.insertInto('stream_window_part').values(rows).execute();
    }
    return late.reduce((sum, window) => sum + observationsIn(window), 0);
  }

  private async close(group: string, through: number, rules: ClosingRules): Promise<Omit<Kept, 'late'>> {
    const complete = rules.throughAt(await this.completeUntil(group, rules.topics));
    const wanted = Math.max(complete, rules.giveUpBefore);
    const nothing = { closedThrough: through, closed: 0, refused: 0, dropped: 0, more: false };
    if (wanted <= through) return nothing;
    const starts = await this.startsBefore(group, wanted);
    const more = starts.length > startsInOneGo;
    const until = more ? (starts[startsInOneGo] as number) : wanted;
    const groups = closableGroups(await this.partsBefore(group, until), until);
    const [whole, halves] = [groups.due.filter(({ to }) => to <= complete), groups.due.filter(({ to }) => to > complete)];
    const closed = await this.store(whole, rules.merge);
    await this.forget([...whole, ...halves].flatMap(({ parts }) => parts));
    const closedThrough = Math.max(through, Math.min(until, groups.openFrom));
    await this.database.db.updateTable('stream_group').set({ closed_through_ms: closedThrough }).where('name', '=', group).execute();
    return { closedThrough, closed, refused: whole.length - closed, dropped: halves.length, more };
  }

  private async completeUntil(group: string, topics: readonly string[]): Promise<number> {
    const row = await this.database.db
      .selectFrom('stream_progress')
      .select(({ fn }) => fn.min('complete_until_ms').as('until'))
      .where('group_name', '=', group)
      .where('topic', 'in', [...topics])
      .executeTakeFirst();
    return Number(row?.until ?? 0);
  }

  private async startsBefore(group: string, ms: number): Promise<number[]> {
    const rows = await this.database.db
      .selectFrom('stream_window_part')
      .select('from_ms')
      .distinct()
      .where('group_name', '=', group)
      .where('from_ms', '<', ms)
      .orderBy('from_ms')
      .limit(startsInOneGo + 1)
      .execute();
    return rows.map(({ from_ms }) => from_ms);
  }

  private async partsBefore(group: string, ms: number): Promise<StoredPart[]> {
    const rows = await this.database.db
      .selectFrom('stream_window_part')
      .select(['id', 'service', 'from_ms', 'to_ms', 'packed'])
      .where('group_name', '=', group)
      .where('from_ms', '<', ms)
      .orderBy('service')
      .orderBy('from_ms')
      .orderBy('id')
      .execute();
    return rows.map(({ id, service, from_ms: from, to_ms: to, packed }) => ({ id, service, from, to, packed }));
  }

  /** @returns how many were new */
  private async store(
    groups: readonly { readonly service: string; readonly from: number; readonly to: number; readonly parts: readonly StoredPart[] }[],
    merge: ClosingRules['merge'],
  ): Promise<number> {
    let kept = 0;
    for (let start = 0; start < groups.length; start += 200) {
      const rows = await Promise.all(
        groups.slice(start, start + 200).map(async ({ service, from, to, parts }) => {
          const [only] = parts;
          if (only && parts.length === 1) return { service, from_ms: from, to_ms: to, packed: only.packed };
          const merged = merge(await Promise.all(parts.map(({ packed }) => unpackJson<ClosedWindow>(packed))));
          return { service, from_ms: from, to_ms: to, packed: await packJson({ ...merged, from, to }) };
        }),
      );
      const inserted = await this.database.db
        .insertInto('closed_window')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['service', 'from_ms', 'to_ms']).doNothing())
        .returning('from_ms')
        .execute();
      kept += inserted.length;
    }
    return kept;
  }

  private async forget(parts: readonly StoredPart[]): Promise<void> {
    for (let start = 0; start < parts.length; start += 5_000) {
      const ids = parts.slice(start, start + 5_000).map(({ id }) => id);
      await this.database.db.deleteFrom('stream_window_part').where('id', 'in', ids).execute();
    }
  }
}

const observationsIn = ({ cells }: ClosedWindow): number =>
  cells.reduce((sum, { signal, count }) => sum + (signal === 'span' || signal === 'log' ? count : 1), 0);
