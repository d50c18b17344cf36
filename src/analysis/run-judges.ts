import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { MeasuredWindow, Run } from '../domain/index.js';
import { LookStore } from '../storage/index.js';
import { newRunJudge, type RunJudge } from './judge.js';
import { RunHistories } from './run-histories.js';

/** Windows × metrics that are kept in memory, over all runs and their histories: some 300 MB. A distribution counts as many numbers. */
const mostKept = 2_000_000;
const sizeOfDistribution = 16;

/** Windows judged at once when a run is picked up again; then others are served. */
const windowsAtOnce = 20;

/** A judge, and what it goes by. */
export interface TakenJudge {
  readonly judge: RunJudge;
  /** the history of the baseline is not known yet: what it judges is recorded with that */
  readonly withoutHistory: boolean;
  /** of the baseline before the run, which the judge holds as well */
  readonly historyWindows: number;
}

/** A judge that has seen exactly so many windows. */
interface Kept extends TakenJudge {
  readonly looks: number;
  readonly size: number;
}

/** The judges of running runs. The store is the truth: memory only saves judging all earlier windows again at each look. */
@Injectable()
export class RunJudges {
  /** least recently used first */
  private readonly judges = new Map<string, Kept>();
  private size = 0;

  constructor(
    private readonly looks: LookStore,
    private readonly histories: RunHistories,
  ) {}

  /** A judge that has seen what the run's looks saw. It is the caller's: give it back with {@link keep} once its next look is recorded. */
  async take(run: Run, signal: AbortSignal): Promise<TakenJudge> {
    const kept = this.judges.get(run.id);
    this.forget(run.id);
    if (kept?.looks === run.looks && !(kept.withoutHistory && this.histories.isRead(run.id))) return kept;
    const history = await this.histories.of(run, signal);
    const judge = await resumed(run, history ?? [], await this.looks.measured(run.id));
    return { judge, withoutHistory: history === null, historyWindows: history?.length ?? 0 };
  }

  /** @param run  as it is after the look; one that has ended is not kept */
  keep(run: Run, { judge, withoutHistory, historyWindows }: TakenJudge): void {
    this.forget(run.id);
    if (run.state !== 'running') return;
    const kept = { judge, withoutHistory, historyWindows, looks: run.looks, size: (run.looks + historyWindows) * sizeOfWindow(run) };
    this.judges.set(run.id, kept);
    this.size += kept.size;
    for (const id of this.judges.keys()) {
      if (this.size <= mostKept || id === run.id) break;
      this.forget(id);
    }
  }

  private forget(runId: string): void {
    this.size -= this.judges.get(runId)?.size ?? 0;
    this.judges.delete(runId);
  }
}

async function resumed(run: Run, history: readonly MeasuredWindow[], windows: readonly MeasuredWindow[]): Promise<RunJudge> {
  const judge = newRunJudge(run, history);
  for (const [index, window] of windows.entries()) {
    judge.add(window);
    if (index % windowsAtOnce === 0) await setImmediate();
  }
  return judge;
}

const sizeOfWindow = ({ template }: Run): number =>
  template.metrics.reduce((sum, { kind }) => sum + (kind === 'percentiles' ? sizeOfDistribution : 1), 0);
