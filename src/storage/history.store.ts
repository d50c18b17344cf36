import { Injectable } from '@nestjs/common';
import type { MeasuredWindow } from '../domain/index.js';
import { Database } from './database.js';
import { columnText } from './ids.js';
import { packJson, unpackJson } from './packed-json.js';

/** What each run knew of its baseline from before it began, so that its looks can be replayed. */
@Injectable()
export class HistoryStore {
  constructor(private readonly database: Database) {}

  /** Keeps the history of a run. The first one stands: every look of a run must use the same. @returns the one that stands */
  async keep(runId: string, windows: readonly MeasuredWindow[]): Promise<readonly MeasuredWindow[]> {
    const { numInsertedOrUpdatedRows } = await this.database.db
      .insertInto('baseline_history')
      .values({ run_id: columnText(runId), packed: await packJson(windows) })
      .onConflict((conflict) => conflict.column('run_id').doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 0n ? ((await this.find(runId)) ?? []) : windows;
  }

  async has(runId: string): Promise<boolean> {
    const row = await this.database.db
      .selectFrom('baseline_history')
      .select('run_id')
      .where('run_id', '=', columnText(runId))
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Null where none was kept yet. */
  async find(runId: string): Promise<readonly MeasuredWindow[] | null> {
    const row = await this.database.db
      .selectFrom('baseline_history')
      .select('packed')
      .where('run_id', '=', columnText(runId))
      .executeTakeFirst();
    return row ? unpackJson<readonly MeasuredWindow[]>(row.packed) : null;
  }
}
