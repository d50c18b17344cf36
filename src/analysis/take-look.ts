import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { MeasuredWindow, Run, TimeSlice, Verdict } from '../domain/index.js';
import { inSpan, recordLook } from '../telemetry/index.js';
import { VerdictRecorder } from '../verdicts/index.js';
import { explainRollback } from './explain-rollback.js';
import type { RunJudge } from './judge.js';
import { KnownRuns } from './known-runs.js';
import { RunJudges } from './run-judges.js';
import { WindowReader } from './window-reader.js';
import { isLastSlice } from './window-slices.js';

/** The heart of Assay: one look at one run. Before it data is collected; after it people are told. */
@Injectable()
export class TakeLook {
  constructor(
    private readonly runs: KnownRuns,
    private readonly windows: WindowReader,
    private readonly judges: RunJudges,
    private readonly verdicts: VerdictRecorder,
  ) {}

  /**
   * Judges each of these windows in turn, until one of them ends the run.
   *
   * @param slices  complete, contiguous, the first right after the last look; many at once when catching up
   * @returns the run after the last look that was recorded; null when somebody else has moved the run on
   */
  async execute(seen: Run, slices: readonly TimeSlice[], now: Date, signal: AbortSignal): Promise<Run | null> {
    const run = await this.runs.find(seen.id); // its weight may have changed since it was seen
    if (run?.state !== 'running' || run.looks !== seen.looks) return null;
    const measured = await inSpan('read windows', () => this.windows.read(run, slices, signal));
    let current: Run | null = run;
    for (const window of measured) {
      signal.throwIfAborted();
      current = await this.look(current, window, now, signal);
      if (current?.state !== 'running') break;
    }
    return current;
  }

  private async look(run: Run, window: MeasuredWindow, now: Date, signal: AbortSignal): Promise<Run | null> {
    await setImmediate(); // looks fall due together: others are served between any two of them
    const started = performance.now();
    const taken = await this.judges.take(run, signal);
    const judged: MeasuredWindow = taken.withoutHistory ? { ...window, withoutHistory: true } : window;
    taken.judge.add(judged);
    const verdict = await this.verdictOf(run, taken.judge, judged);
    const recorded = await this.verdicts.record(run, { at: now, window: judged, verdict });
    recordLook((performance.now() - started) / 1000);
    if (recorded) this.judges.keep(recorded, taken);
    return recorded;
  }

  /** Past windows are judged without intervals, which nobody reads; the verdict that ends the run has everything. */
  private async verdictOf(run: Run, judge: RunJudge, window: MeasuredWindow): Promise<Verdict> {
    const look = { previous: run.verdict, lastWindow: isLastSlice(run, window) };
    const quick = judge.verdict({ ...look, intervals: run.mode === 'live' ? 'recent' : 'none' });
    if (!quick.final) return quick;
    for (const _ of judge.settle()) await setImmediate(); // so that others are served in between
    const verdict = judge.verdict({ ...look, intervals: 'exact' });
    if (verdict.decision !== 'rollback') return verdict;
    const whole = { from: run.from.getTime(), to: window.to };
    return explainRollback(run, verdict, await this.windows.pushed(run, [whole]));
  }
}
