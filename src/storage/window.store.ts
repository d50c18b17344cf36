import { Injectable } from '@nestjs/common';
import type { ClosedWindow } from '../domain/index.js';
import { Database } from './database.js';
import { columnText } from './ids.js';
import { packJson, unpackJson } from './packed-json.js';

const rowsPerStatement = 200;

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
   * Keeps closed windows, in portions, so that others may use the store between them. A window that is already there (same
   * service, from and to) stays as it was: closed once, never revised. After a failure the same windows may be given again.
   *
   * @returns how many were new
   */
  async append(windows: readonly ClosedWindow[]): Promise<number> {
    let kept = 0;
    for (let start = 0; start < windows.length; start += rowsPerStatement) {
      const rows = await Promise.all(windows.slice(start, start + rowsPerStatement).map(pack));
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

  /** Every window that lies inside `[from, to)`, by time, then by service. */
  async read({ service = null, from, to }: WindowRange): Promise<ClosedWindow[]> {
    let query = this.database.db
      .selectFrom('closed_window')
      .select('packed')
      .where('from_ms', '>=', from)
      .where('to_ms', '<=', to)
      .orderBy('from_ms')
      .orderBy('service')
      .orderBy('to_ms');
    if (service !== null) query = query.where('service', '=', columnText(service));
    const rows = await query.execute();
    return Promise.all(rows.map(({ packed }) => unpackJson<ClosedWindow>(packed)));
  }

  /** Milliseconds since the epoch: when the newest window that is kept ended; null where none is. */
  async newestEnd(): Promise<number | null> {
    const row = await this.database.db.selectFrom('closed_window').select('to_ms').orderBy('from_ms', 'desc').limit(1).executeTakeFirst();
    return row ? Number(row.to_ms) : null;
  }

  /** Forgets windows that ended at or before this moment (milliseconds since the epoch). Looks keep what they measured. */
  async deleteBefore(ms: number): Promise<number> {
    const { numDeletedRows } = await this.database.db.deleteFrom('closed_window').where('to_ms', '<=', ms).executeTakeFirst();
    return Number(numDeletedRows);
  }
}

async function pack(window: ClosedWindow): Promise<{ service: string; from_ms: number; to_ms: number; packed: Buffer }> {
  return { service: columnText(window.service), from_ms: window.from, to_ms: window.to, packed: await packJson(window) };
}
