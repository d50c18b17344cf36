import { Injectable, Logger } from '@nestjs/common';
import type { Run, TimeSlice } from '../domain/index.js';
import { RunStore } from '../storage/index.js';
import { VerdictRecorder } from '../verdicts/index.js';
import { RunHistories } from './run-histories.js';
import { TakeLook } from './take-look.js';
import { slicesDue } from './window-slices.js';

/** How far pushed telemetry is complete. Ingest knows; a process without ingest goes by the clock. */
export interface PushedWatermark {
  /** ms; no pushed window that ends here or before will change or appear any more */
  closedThrough(): number;
  /** is recorded telemetry of this stretch being fed right now, and not stored yet? */
  isOpenWithin(slice: TimeSlice): boolean;
  /** @returns a function that ends the subscription */
  onClosed(listener: () => void): () => void;
}

/** Between two looks at the clock, where nothing wakes the scheduler earlier. */
const tickMs = 250;

/** Open runs are read from the store this often: other replicas start and end them too. */
const refreshMs = 1000;

/** Looks that are taken at the same time; each run has at most one. */
const mostAtOnce = 8;

/** Windows judged in one go; a run that is far behind comes again. */
const mostSlices = 240;

/** What a receiving thread has acknowledged is known to ingest after this time at the latest. */
const handOverMs = 1000;

/** A run whose look failed is left alone this long. */
const pauseAfterFailureMs = 5_000;

/** Takes a look at every open run as soon as its next window is complete. */
@Injectable()
export class LookScheduler {
  private readonly log = new Logger(LookScheduler.name);
  private readonly busy = new Map<string, Promise<void>>();
  private readonly pausedUntil = new Map<string, number>();
  private readonly stopping = new AbortController();
  private open = new Map<string, Run>();
  private refreshedAt = 0;
  private loop: Promise<void> | null = null;
  private wake: () => void = () => undefined;

  constructor(
    private readonly runs: RunStore,
    private readonly takeLook: TakeLook,
    private readonly verdicts: VerdictRecorder,
    private readonly histories: RunHistories,
  ) {}

  start(pushed: PushedWatermark): void {
    const unsubscribe = [pushed.onClosed(() => this.wake()), this.verdicts.onRecorded((run) => this.update(run))];
    this.loop = this.run(pushed).finally(() => {
      for (const forget of unsubscribe) forget();
    });
  }

  /** No new looks; those under way are finished or given up within their time limits. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the scheduler is stopping'));
    this.wake();
    await this.loop;
    await Promise.allSettled([...this.busy.values(), this.histories.stop()]);
  }

  /** Number of runs that are going on, as last seen. */
  openRuns(): number {
    return this.open.size;
  }

  private async run(pushed: PushedWatermark): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const now = new Date();
      await this.refresh(now);
      for (const run of this.open.values()) this.lookIfDue(run, pushed, now);
      await this.pause(tickMs);
    }
  }

  private async refresh(now: Date): Promise<void> {
    if (now.getTime() - this.refreshedAt < refreshMs) return;
    try {
      const running = await this.runs.running();
      for (const run of running) if (!this.open.has(run.id)) this.histories.begin(run);
      this.open = new Map(running.map((run) => [run.id, run]));
      this.refreshedAt = now.getTime();
    } catch (error) {
      this.log.warn(`open runs could not be read, trying again: ${messageOf(error)}`);
    }
  }

  private lookIfDue(run: Run, pushed: PushedWatermark, now: Date): void {
    if (this.busy.size >= mostAtOnce || this.busy.has(run.id) || (this.pausedUntil.get(run.id) ?? 0) > now.getTime()) return;
    const slices = slicesDue(run, completeUntil(run, pushed, now), mostSlices);
    if (slices.length === 0) return;
    const look = this.takeLook
      .execute(run, slices, now, this.stopping.signal)
      .then((moved) => (moved ? this.update(moved) : this.forget(run.id)))
      .catch((error: unknown) => this.failed(run, error, now))
      .finally(() => {
        this.busy.delete(run.id);
        this.wake();
      });
    this.busy.set(run.id, look);
  }

  private update(run: Run): void {
    if (run.state === 'running') this.open.set(run.id, run);
    else this.forget(run.id);
  }

  /** The run has ended, or somebody else moved it on: the next refresh knows. */
  private forget(runId: string): void {
    this.open.delete(runId);
    this.pausedUntil.delete(runId);
    this.refreshedAt = 0;
  }

  private failed(run: Run, error: unknown, now: Date): void {
    if (this.stopping.signal.aborted) return;
    this.pausedUntil.set(run.id, now.getTime() + pauseAfterFailureMs);
    this.log.error(
      `look ${run.looks + 1} at run ${run.id} failed, trying again in ${pauseAfterFailureMs / 1000} s: ${messageOf(error)}`,
      error instanceof Error ? error.stack : undefined,
    );
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Until when all sources of a run have said everything they will say. */
function completeUntil(run: Run, pushed: PushedWatermark, now: Date): number {
  const { metrics, schedule } = run.template;
  const pulls = metrics.some(({ source }) => source === 'prometheus');
  const isPushedTo = metrics.some(({ source }) => source !== 'prometheus');
  const pulledUntil = pulls ? now.getTime() - schedule.latenessSeconds * 1000 : Number.POSITIVE_INFINITY;
  const pushedUntil = isPushedTo ? pushedCompleteUntil(run, pushed, now) : Number.POSITIVE_INFINITY;
  return Math.min(pulledUntil, pushedUntil);
}

/** A run over the past waits until the telemetry that is being fed for it has come to rest. */
function pushedCompleteUntil(run: Run, pushed: PushedWatermark, now: Date): number {
  if (run.to === null) return pushed.closedThrough();
  const isSettled =
    now.getTime() >= run.createdAt.getTime() + handOverMs && !pushed.isOpenWithin({ from: run.from.getTime(), to: run.to.getTime() });
  return isSettled ? pushed.closedThrough() : Number.NEGATIVE_INFINITY;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
