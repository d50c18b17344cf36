import { Injectable } from '@nestjs/common';
import type { Run } from '../domain/index.js';
import { RunStore } from '../storage/index.js';
import { VerdictRecorder } from '../verdicts/index.js';

/** How often a waiting reader looks into the store: another replica may have moved the run on. */
const pollMs = 1000;

/** Lets readers wait for what happens to a run, on this replica or on another. */
@Injectable()
export class RunFeed {
  constructor(
    private readonly runs: RunStore,
    private readonly verdicts: VerdictRecorder,
  ) {}

  /**
   * The run now, and again after every look, until it has ended.
   *
   * @param signal  ends the subscription; the iterator then returns without an error
   * @throws {NotFoundError} on the first step, for an unknown run
   */
  async *subscribe(id: string, signal: AbortSignal): AsyncGenerator<Run, void> {
    let seen: Run | null = null;
    while (!signal.aborted) {
      const run: Run = await this.runs.get(id);
      if (seen === null || run.looks !== seen.looks || run.state !== seen.state) {
        yield run;
        seen = run;
      }
      if (run.state !== 'running') return;
      await this.change(id, run, signal, pollMs);
    }
  }

  /** Resolves when the run was moved on after `seen`, when the time is over, or when the signal fires. Never rejects. */
  private change(id: string, seen: Run, signal: AbortSignal, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        forget();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      const forget = this.verdicts.onRecorded((run) => {
        if (run.id === id && (run.looks !== seen.looks || run.state !== seen.state)) done();
      });
      signal.addEventListener('abort', done);
    });
  }
}
