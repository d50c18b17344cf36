import { Injectable } from '@nestjs/common';
import type { MeasuredWindow, Run } from '../domain/index.js';
import { HistoryStore, LookStore } from '../storage/index.js';
import { BaselineHistory } from './baseline-history.js';

/** Runs whose windows are kept in memory between looks; older ones are read again from the store. */
const kept = 500;

/** What a run has to go by. */
export interface RunHistory {
  /** before the run, oldest first: what noise the baseline has */
  readonly before: readonly MeasuredWindow[];
  /** all windows judged so far, oldest first: exactly `run.looks` of them */
  readonly judged: readonly MeasuredWindow[];
}

/** The measured windows of running runs: the store is the truth, memory only saves reading it at each look. */
@Injectable()
export class RunHistories {
  private readonly histories = new Map<string, { before: readonly MeasuredWindow[]; judged: MeasuredWindow[] }>();

  constructor(
    private readonly looks: LookStore,
    private readonly befores: HistoryStore,
    private readonly baseline: BaselineHistory,
  ) {}

  async of(run: Run, signal: AbortSignal): Promise<RunHistory> {
    const known = this.histories.get(run.id);
    if (known?.judged.length === run.looks) return known;
    const before = (await this.befores.find(run.id)) ?? (await this.befores.keep(run.id, await this.baseline.before(run, signal)));
    const stored = { before, judged: await this.looks.measured(run.id) };
    this.keep(run.id, stored);
    return stored;
  }

  /** After a look is recorded, its window belongs to the history. */
  add(run: Run, window: MeasuredWindow): void {
    const known = this.histories.get(run.id);
    if (run.state === 'running' && known?.judged.length === run.looks - 1) known.judged.push(window);
    else this.forget(run.id);
  }

  forget(runId: string): void {
    this.histories.delete(runId);
  }

  private keep(runId: string, history: { before: readonly MeasuredWindow[]; judged: MeasuredWindow[] }): void {
    const oldest = this.histories.keys().next();
    if (this.histories.size >= kept && !oldest.done) this.histories.delete(oldest.value);
    this.histories.set(runId, history);
  }
}
