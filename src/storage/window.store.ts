import { Injectable } from '@nestjs/common';
import { type ClosedWindow, everyService, type TimeSlice } from '../domain/index.js';
import { Database } from './database.js';
import { columnText } from './ids.js';
import { encodeJson } from './json-codec.js';
import { packText, unpackJson } from './packed-json.js';
import { Turns } from './turns.js';

/** The embedded store is busy with a statement of so many rows and bytes for some 5 ms, and everybody else waits. */
const [rowsPerStatement, bytesPerStatement] = [64, 128 * 1024];

/** Half a millisecond's work. */
const cellsAtOnce = 200;

interface RowKey {
  readonly service: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

interface Row extends RowKey {
  readonly packed: Buffer;
}

export interface WindowRange {
  /** null: every service */
  readonly service?: string | null;
  /** milliseconds since the epoch */
  readonly from: number;
  readonly to: number;
}

/** Closed windows of pushed telemetry, packed. */
@Injectable()
export class WindowStore {
  constructor(private readonly database: Database) {}

  /**
   * Keeps closed windows: in one statement, or, where there are many, in portions, so that others may use the store between
   * them. A window that is already there (same service, from and to) stays as it was: closed once, never revised. After a
   * failure the same windows may be given again.
   *
   * @param onRefused  told of each for which another one is there
   * @returns how many were new
   */
  async append(windows: readonly ClosedWindow[], onRefused: (window: ClosedWindow) => void = () => undefined): Promise<number> {
    const turns = new Turns();
    let kept = 0;
    let rows: Row[] = [];
    let bytes = 0;
    const keep = async (): Promise<void> => {
      const inserted = await this.insert(rows);
      kept += inserted.length;
      for (const key of inserted.length < rows.length ? await this.otherThan(rows, inserted) : []) {
        const refused = windows.find((window) => keyOf(rowKey(window)) === key);
        if (refused) onRefused(refused);
      }
      [rows, bytes] = [[], 0];
    };
    for (const window of windows) {
      const row = await packed(window, turns);
      if (rows.length === rowsPerStatement || (rows.length > 0 && bytes + row.packed.length > bytesPerStatement)) {
        await keep();
      }
      rows.push(row);
      bytes += row.packed.length;
    }
    if (rows.length > 0) await keep();
    return kept;
  }

  /** false: nothing can be kept until the disk has more space */
  hasRoom(): boolean {
    return this.database.hasRoom();
  }

  private insert(rows: readonly Row[]): Promise<RowKey[]> {
    return this.database.db
      .insertInto('closed_window')
      .values([...rows])
      .onConflict((conflict) => conflict.columns(['service', 'from_ms', 'to_ms']).doNothing())
      .returning(['service', 'from_ms', 'to_ms'])
      .execute();
  }

  /** Those that were not inserted, but for those that are there as they are: a write that was answered too late, and repeated. */
  private async otherThan(rows: readonly Row[], inserted: readonly RowKey[]): Promise<string[]> {
    const isNew = new Set(inserted.map(keyOf));
    const others: string[] = [];
    for (const row of rows) {
      if (isNew.has(keyOf(row))) continue;
      const stored = await this.database.db
        .selectFrom('closed_window')
        .select('packed')
        .where('service', '=', row.service)
        .where('from_ms', '=', row.from_ms)
        .where('to_ms', '=', row.to_ms)
        .executeTakeFirst();
      if (stored && !row.packed.equals(stored.packed)) others.push(keyOf(row));
    }
    return others;
  }

  /** Says for good that of what was received in these stretches something is lost. */
  async markLost(slices: readonly TimeSlice[]): Promise<void> {
    const flags = { late: 0, overflow: 0, incomplete: true } as const;
    await this.append(slices.map(({ from, to }) => ({ service: everyService, from, to, cells: [], flags })));
  }

  /** Every window that lies inside `[from, to)`, by time, then by service; then every mark of a loss that overlaps it. */
  async read({ service = null, from, to }: WindowRange): Promise<ClosedWindow[]> {
    const query = this.database.db
      .selectFrom('closed_window')
      .select('packed')
      .where('from_ms', '>=', from)
      .where('to_ms', '<=', to)
      .where('service', service === null ? '!=' : '=', service === null ? everyService : columnText(service))
      .orderBy('from_ms')
      .orderBy('service')
      .orderBy('to_ms');
    const marks = this.database.db
      .selectFrom('closed_window')
      .select('packed')
      .where('service', '=', everyService)
      .where('from_ms', '<', to)
      .where('to_ms', '>', from)
      .orderBy('from_ms');
    const turns = new Turns();
    const windows: ClosedWindow[] = [];
    for (const { packed } of [...(await query.execute()), ...(await marks.execute())]) {
      await turns.next();
      windows.push(await unpackJson<ClosedWindow>(packed));
    }
    return windows;
  }

  /** Milliseconds since the epoch: when the newest window that is kept ended; null where none is. */
  async newestEnd(): Promise<number | null> {
    const row = await this.database.db
      .selectFrom('closed_window')
      .select('to_ms')
      .where('service', '!=', everyService)
      .orderBy('from_ms', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row ? Number(row.to_ms) : null;
  }

  /** Forgets windows that ended at or before this moment (milliseconds since the epoch). Looks keep what they measured. */
  async deleteBefore(ms: number): Promise<number> {
    const { numDeletedRows } = await this.database.db.deleteFrom('closed_window').where('to_ms', '<=', ms).executeTakeFirst();
    return Number(numDeletedRows);
  }
}

async function packed(window: ClosedWindow, turns: Turns): Promise<Row> {
  const text = await encoded(window, turns);
  return { ...rowKey(window), packed: await packText(text) };
}

const rowKey = ({ service, from, to }: ClosedWindow): RowKey => ({ service: columnText(service), from_ms: from, to_ms: to });

const keyOf = ({ service, from_ms, to_ms }: RowKey): string => `${Number(from_ms)} ${Number(to_ms)} ${service}`;

/** What {@link encodeJson} makes of a window, its cells a few at a time: one can have ten thousand. */
async function encoded({ cells, flags, ...rest }: ClosedWindow, turns: Turns): Promise<string> {
  const texts: string[] = [];
  for (let start = 0; start < cells.length; start += cellsAtOnce) {
    await turns.next();
    texts.push(encodeJson(cells.slice(start, start + cellsAtOnce)).slice(1, -1));
  }
  await turns.next();
  const [head, tail] = [encodeJson(rest), encodeJson({ flags })];
  return `${head.slice(0, -1)},"cells":[${texts.join(',')}],${tail.slice(1)}`;
}
