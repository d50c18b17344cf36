import { Injectable } from '@nestjs/common';
import type { Look, MeasuredWindow, Verdict } from '../domain/index.js';
import { Database } from './database.js';
import { columnText } from './ids.js';
import { decodeJson, encodeJson } from './json-codec.js';

/** One row a look: the verdict and the window it added. Together a run's windows replay its verdicts. */
@Injectable()
export class LookStore {
  constructor(private readonly database: Database) {}

  /** Keeps one look. `sequence` is 1-based and must be new for the run. Call it in the transaction that advances the run. */
  async append(look: Look, window: MeasuredWindow | null): Promise<void> {
    await this.database.db
      .insertInto('look')
      .values({
        run_id: look.runId,
        sequence: look.sequence,
        at: look.at,
        final: look.verdict.final,
        verdict: encodeJson(look.verdict),
        measured: window && encodeJson(window),
      })
      .execute();
  }

  /** The windows of a run in the order of its looks. Looks without a window (a cancel, an override) have none. */
  async measured(runId: string): Promise<MeasuredWindow[]> {
    const rows = await this.database.db
      .selectFrom('look')
      .select('measured')
      .where('run_id', '=', columnText(runId))
      .where('measured', 'is not', null)
      .orderBy('sequence')
      .execute();
    return rows.flatMap(({ measured }) => (measured === null ? [] : [decodeJson<MeasuredWindow>(measured)]));
  }

  /**
   * The looks of a run, first to last.
   *
   * @param limit  at most so many; all where left out
   * @param after  only looks with a greater sequence
   */
  async looks(runId: string, { limit, after = 0 }: { limit?: number; after?: number } = {}): Promise<Look[]> {
    let query = this.database.db
      .selectFrom('look')
      .select(['sequence', 'at', 'verdict'])
      .where('run_id', '=', columnText(runId))
      .where('sequence', '>', after)
      .orderBy('sequence');
    if (limit !== undefined) query = query.limit(limit);
    const rows = await query.execute();
    return rows.map(({ sequence, at, verdict }) => ({ runId, sequence, at, verdict: decodeJson<Verdict>(verdict) }));
  }
}
