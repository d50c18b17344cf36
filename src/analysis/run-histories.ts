import { Injectable } from '@nestjs/common';
import type { MeasuredWindow, Run } from '../domain/index.js';
import { LookStore } from '../storage/index.js';

/** Runs whose windows are kept in memory between looks; older ones are read again from the store. */
const kept = 500;

/** The measured windows of running runs: the store is the truth, memory only saves reading it at each look. */
@Injectable()
export class RunHistories {
  private readonly histories = new Map<string, MeasuredWindow[]>();

  constructor(private readonly looks: LookStore) {}

  /** All windows judged so far, oldest first: exactly `run.looks` of them. */
  async of(run: Run): Promise<readonly MeasuredWindow[]> {
    const known = this.histories.get(run.id);
    if (known?.length === run.looks) return known;
    const stored = await this.looks.measured(run.id);
    this.keep(run.id, stored);
    return stored;
  }

  /** After a look is recorded, its window belongs to the history. */
  add(run: Run, window: MeasuredWindow): void {
    const known = this.histories.get(run.id);
    if (known?.length === run.looks - 1) known.push(window);
    else this.histories.delete(run.id);
  }

  forget(runId: string): void {
    this.histories.delete(runId);
  }

  private keep(runId: string, windows: readonly MeasuredWindow[]): void {
    const oldest = this.histories.keys().next();
    if (this.histories.size >= kept && !oldest.done) this.histories.delete(oldest.value);
    this.histories.set(runId, [...windows]);
  }
}
