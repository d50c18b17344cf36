import { Injectable } from '@nestjs/common';
import type { MeasuredWindow, Run, TimeSlice, Verdict } from '../domain/index.js';
import { RunStore } from '../storage/index.js';
import { inSpan, recordLook } from '../telemetry/index.js';
import { VerdictRecorder } from '../verdicts/index.js';
import { judge } from './judge.js';
import { RunHistories, type RunHistory } from './run-histories.js';
import { whereHarmLies } from './where-harm-lies.js';
import { WindowReader } from './window-reader.js';
import { isLastSlice } from './window-slices.js';

/** The heart of Assay: one look at one run. Before it data is collected; after it people are told. */
@Injectable()
export class TakeLook {
  constructor(
    private readonly runs: RunStore,
    private readonly windows: WindowReader,
    private readonly histories: RunHistories,
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
    const started = performance.now();
    const { before, judged } = await this.histories.of(run, signal);
    const verdict = await this.judge(run, { before, judged: [...judged, window] }, isLastSlice(run, window));
    const recorded = await this.verdicts.record(run, { at: now, window, verdict });
    recordLook((performance.now() - started) / 1000);
    if (!recorded) {
      this.histories.forget(run.id);
      return null;
    }
    this.histories.add(recorded, window);
    return recorded;
  }

  /** Past windows are judged without intervals, which nobody reads; the verdict that ends the run has everything. */
  private async judge(run: Run, { before, judged }: RunHistory, lastWindow: boolean): Promise<Verdict> {
    const options = { history: before, previous: run.verdict, lastWindow };
    const quick = judge(run, judged, { ...options, withIntervals: run.mode === 'live' });
    if (!quick.final) return quick;
    const verdict = run.mode === 'live' ? quick : judge(run, judged, options);
    if (verdict.decision !== 'rollback') return verdict;
    const where = whereHarmLies(run, verdict.evidence, await this.windows.pushed(run, judged));
    return where ? { ...verdict, reason: `${verdict.reason}; ${where}` } : verdict;
  }
}
