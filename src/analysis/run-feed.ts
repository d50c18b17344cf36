import { Injectable } from '@nestjs/common';
import type { Run } from '../domain/index.js';
import { VerdictRecorder } from '../verdicts/index.js';
import { KnownRuns } from './known-runs.js';

/** How often a waiting reader looks into the store: another replica may have moved the run on. */
const pollMs = 1000;

/** Lets readers wait for what happens to a run, on this replica or on another. */
@Injectable()
export class RunFeed {
  constructor(
    private readonly runs: KnownRuns,
    private readonly verdicts: VerdictRecorder,
  ) {}

  /**
   * The run now, and again after every look, until it has ended. A reader that is slow sees the newest state only.
   *
   * @param signal  ends the subscription; the iterator then returns without an error
   * @throws {NotFoundError} on the first step, for an unknown run
   */
  async *subscribe(id: string, signal: AbortSignal): AsyncGenerator<Run, void> {
    if (signal.aborted) return;
    const news = new News(this.verdicts, id);
    try {
      let seen: Run | null = null;
      for (let run = await this.runs.get(id); !signal.aborted; run = news.take() ?? (await this.runs.get(id))) {
        if (seen === null || run.looks !== seen.looks || run.state !== seen.state) {
          yield run;
          seen = run;
        }
        if (run.state !== 'running') return;
        await news.wait(pollMs, signal);
      }
    } finally {
      news.end();
    }
  }
}

/** What was recorded about one run in this process and was not read yet. */
class News {
  private newest: Run | null = null;
  private wake = (): void => undefined;
  readonly end: () => void;

  constructor(verdicts: VerdictRecorder, id: string) {
    this.end = verdicts.onRecorded((run) => {
      if (run.id !== id) return;
      this.newest = run;
      this.wake();
    });
  }

  take(): Run | null {
    const { newest } = this;
    this.newest = null;
    return newest;
  }

  /** Until there is something, the time is over, or the signal fires. Never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.newest !== null || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.wake = done;
    });
  }
}
