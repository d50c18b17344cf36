import { Injectable, Logger } from '@nestjs/common';
import type { Run, TimeSlice } from '../domain/index.js';
import { RunStore } from '../storage/index.js';
import { VerdictRecorder } from '../verdicts/index.js';
import { OpenRuns } from './open-runs.js';
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

/** Between two looks at the clock, where nothing happens and no window of a pulled run is due earlier. */
const tickMs = 250;

/** Looks that are taken at the same time; each run has at most one. */
const mostAtOnce = 8;

/** Windows judged in one go; a run that is far behind comes again. */
const mostSlices = 240;

/** What a receiving thread has acknowledged is known to ingest after this time at the latest. */
const handOverMs = 1000;

/** A run whose look failed is left alone this long. */
const pauseAfterFailureMs = 5_000;

/**
 * Takes a look at every open run as soon as its next window is complete: a window that closes wakes it, a run that starts
 * or moves on is known at once, and the clock is armed for the next window that is pulled. Who has waited longest comes first.
 */
@Injectable()
export class LookScheduler {
  private readonly log = new Logger(LookScheduler.name);
  private readonly open: OpenRuns;
  /** runs that have a window to be judged, in the order in which they come */
  private readonly due = new Set<string>();
  private readonly busy = new Map<string, Promise<void>>();
  /** by {@link performance.now}, which nobody sets back */
  private readonly pausedUntil = new Map<string, number>();
  private readonly stopping = new AbortController();
  private subscriptions: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private refreshing = Promise.resolve();
  private pushed: PushedWatermark = { closedThrough: () => 0, isOpenWithin: () => false, onClosed: () => () => undefined };

  constructor(
    runs: RunStore,
    private readonly takeLook: TakeLook,
    private readonly verdicts: VerdictRecorder,
    private readonly histories: RunHistories,
  ) {
    this.open = new OpenRuns(runs, (run) => this.histories.begin(run));
  }

  start(pushed: PushedWatermark): void {
    this.pushed = pushed;
    this.subscriptions = [pushed.onClosed(() => this.round()), this.verdicts.onRecorded((run) => this.moved(run))];
    this.round();
  }

  /** No new looks; those under way are finished or given up within their time limits. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the scheduler is stopping'));
    for (const forget of this.subscriptions) forget();
    clearTimeout(this.timer);
    await Promise.allSettled([this.refreshing, ...this.busy.values(), this.histories.stop()]);
  }

  /** Number of runs that are going on, as last seen. */
  openRuns(): number {
    return this.open.size;
  }

  /** Finds what is due, and when the clock makes something due. */
  private round(): void {
    if (this.stopping.signal.aborted) return;
    if (this.open.isStale()) this.refreshing = this.refresh();
    const now = new Date();
    const waiting = [...this.open.all()].filter((run) => !this.due.has(run.id) && this.isDue(run, now));
    waiting.sort((a, b) => nextEndOf(a) - nextEndOf(b));
    for (const { id } of waiting) this.due.add(id);
    this.takeLooks(now);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.round(), this.pauseMs(now));
  }

  private async refresh(): Promise<void> {
    try {
      for (const run of await this.open.refresh()) if (this.isDue(run, new Date())) this.due.add(run.id);
      this.takeLooks(new Date());
    } catch (error) {
      this.log.warn(`open runs could not be read, trying again: ${messageOf(error)}`);
    }
  }

  /** Another end of the process has started it, moved it on or ended it. */
  private moved(run: Run): void {
    this.open.update(run);
    if (run.state !== 'running') this.pausedUntil.delete(run.id);
    else if (this.isDue(run, new Date())) this.due.add(run.id);
    this.takeLooks(new Date());
  }

  private isDue(run: Run, now: Date): boolean {
    if (this.busy.has(run.id) || (this.pausedUntil.get(run.id) ?? 0) > performance.now()) return false;
    return slicesDue(run, completeUntil(run, this.pushed, now), 1).length > 0;
  }

  private takeLooks(now: Date): void {
    for (const id of this.due) {
      if (this.busy.size >= mostAtOnce || this.stopping.signal.aborted) return;
      this.due.delete(id);
      const run = this.open.find(id);
      if (run && this.isDue(run, now)) this.look(run, now);
    }
  }

  private look(run: Run, now: Date): void {
    const slices = slicesDue(run, completeUntil(run, this.pushed, now), mostSlices);
    const look = this.takeLook
      .execute(run, slices, now, this.stopping.signal)
      .then((moved) => (moved ? this.open.update(moved) : this.open.forget(run.id)))
      .catch((error: unknown) => this.failed(run, error))
      .finally(() => {
        this.busy.delete(run.id);
        const next = this.open.find(run.id);
        if (next && this.isDue(next, new Date())) this.due.add(run.id);
        this.takeLooks(new Date());
      });
    this.busy.set(run.id, look);
  }

  private failed(run: Run, error: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.pausedUntil.set(run.id, performance.now() + pauseAfterFailureMs);
    this.log.error(
      `look ${run.looks + 1} at run ${run.id} failed, trying again in ${pauseAfterFailureMs / 1000} s: ${messageOf(error)}`,
      error instanceof Error ? error.stack : undefined,
    );
  }

  /** Until the clock makes the next window of a run complete that reads from Prometheus alone, and a tick at most. */
  private pauseMs(now: Date): number {
    let pause = tickMs;
    for (const run of this.open.all()) {
      if (!this.due.has(run.id) && isPulled(run)) {
        const untilDue = nextEndOf(run) + run.template.schedule.latenessSeconds * 1000 - now.getTime();
        if (untilDue > 0) pause = Math.min(pause, untilDue);
      }
    }
    return pause;
  }
}

/** When the next window to be judged ends. */
const nextEndOf = (run: Run): number => run.from.getTime() + (run.looks + 1) * run.template.schedule.windowSeconds * 1000;

const isPulled = ({ template }: Run): boolean => template.metrics.every(({ source }) => source === 'prometheus');

/** Until when all sources of a run have said everything they will say. */
function completeUntil(run: Run, pushed: PushedWatermark, now: Date): number {
  const { metrics, schedule } = run.template;
  const pulls = metrics.some(({ source }) => source === 'prometheus');
  const pulledUntil = pulls ? now.getTime() - schedule.latenessSeconds * 1000 : Number.POSITIVE_INFINITY;
  const pushedUntil = isPulled(run) ? Number.POSITIVE_INFINITY : pushedCompleteUntil(run, pushed, now);
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
