import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { MeasuredWindow, Run } from '../domain/index.js';
import { HistoryStore, RunStore } from '../storage/index.js';
import { BaselineHistory } from './baseline-history.js';

/** How long a first look waits: a live run has had its first window to read in, a retrospective one has time. */
const patienceMs = { live: 1000, retrospective: 5000 } as const;

/** Pauses between attempts: this long, then twice as long each time, … */
const firstPauseMs = 1000;
/** … up to this. */
const longestPauseMs = 60_000;

/** After so many attempts a history with holes is better than none. */
const attemptsForAll = 6;

/** The windows from before each open run, read in the background while it goes on. What was kept once stands. */
@Injectable()
export class RunHistories {
  private readonly log = new Logger(RunHistories.name);
  private readonly reading = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly befores: HistoryStore,
    private readonly baseline: BaselineHistory,
    private readonly runs: RunStore,
  ) {}

  /** Starts to read in the background, if nobody has; the sooner after the run's start the better. */
  begin(run: Run): void {
    if (this.reading.has(run.id) || this.stopping.signal.aborted) return;
    const attempts = this.read(run, this.stopping.signal)
      .catch((error: unknown) => {
        if (!this.stopping.signal.aborted) this.log.error(`the history of run ${run.id} is given up: ${messageOf(error)}`);
      })
      .finally(() => this.reading.delete(run.id));
    this.reading.set(run.id, attempts);
  }

  /**
   * What is known by now; a first look waits for it a little, no other does.
   *
   * @returns oldest first; null: not known yet, and looks are taken without it until it is
   */
  async of(run: Run, signal: AbortSignal): Promise<readonly MeasuredWindow[] | null> {
    const known = await this.befores.find(run.id);
    if (known) return known;
    this.begin(run);
    if (run.looks > 0) return null;
    await Promise.race([this.reading.get(run.id), delay(patienceMs[run.mode], undefined, { signal })]);
    return this.befores.find(run.id);
  }

  /** Whether a look may find the history that was not known before. */
  isRead(runId: string): boolean {
    return !this.reading.has(runId);
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('reading the history of baselines is stopping'));
    await Promise.all(this.reading.values());
  }

  /** Tries until everything was read, the run has ended, or enough was tried to take what there is. */
  private async read(run: Run, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const trouble = await this.attempt(run, attempt, signal);
      if (trouble === null) return;
      if (attempt === 1) this.log.warn(`run ${run.id} goes on without the history of its baseline until it can be read: ${trouble}`);
      await delay(Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)), undefined, { signal });
    }
  }

  /** @returns what stands against the history that could be kept; null: nothing is left to do */
  private async attempt(run: Run, attempt: number, signal: AbortSignal): Promise<string | null> {
    try {
      if ((await this.runs.find(run.id))?.state !== 'running' || (await this.befores.has(run.id))) return null;
      const { windows, leftOut, trouble } = await this.baseline.before(run, signal);
      if (trouble !== null && (attempt < attemptsForAll || windows.length === 0)) return trouble;
      await this.befores.keep(run.id, windows);
      if (leftOut > 0)
        this.log.log(`run ${run.id} does not learn from ${leftOut} windows before it: an outage, or a run that was rolled back`);
      if (windows.length === 0) this.log.log(`run ${run.id} begins cold: nothing was recorded of its baseline before it`);
      else if (attempt > 1) this.log.log(`the history of run ${run.id} could be read at attempt ${attempt}: ${windows.length} windows`);
      return null;
    } catch (error) {
      signal.throwIfAborted();
      return messageOf(error);
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
