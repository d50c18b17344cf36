import type { ClosedWindow, RecordingPlan, TimeSlice } from '../domain/index.js';
import { MetricStreams } from './metric-streams.js';
import { byTimeAndService, CellBudget, OpenWindow } from './open-window.js';
import { type Collected, OpenWindows } from './open-windows.js';
import { type CohortCap, unknownService, usualCohortCap } from './overflow-series.js';
import { PartMerger } from './part-merger.js';
import { ServiceRooms } from './service-rooms.js';
import { WindowGrid } from './window-grid.js';
import type { WindowPart } from './window-part.js';

export interface CollectorLimits {
  /** cells with attributes of their own per window, over all services */
  readonly maxSeries: number;
  /** of each cohort and signal or metric; absent: {@link usualCohortCap} */
  readonly maxCohortSeries?: number;
  /** the first value of a cumulative stream counts when the stream is not older than this, milliseconds */
  readonly maxAgeMs: number;
}

/** What was closed, and how far the clock has come. */
export interface Closing {
  readonly windows: readonly ClosedWindow[];
  /** every live window that ends at or before this moment is closed */
  readonly closedThrough: number;
  /** others are due, too: it was enough for one time */
  readonly more: boolean;
}

/** A life before this one: what senders could not deliver in between is sent again, and shall still count. */
export interface Restart {
  /** milliseconds since the epoch: as far as windows were closed then */
  readonly closedThrough: number;
  /** until when no window closes that is later than that and began before the start */
  readonly waitUntil: number;
}

const shortestQuietMs = 2_000;
const longestOpenMs = 60_000;
/** windows of all services together that may be open; more where there may be more series */
const fewestWindows = 1_000;
const rememberedClosings = 100_000;
const forgetStreamsAfterMs = 3_600_000;

/**
 * Puts the parts of all receiving threads together and closes windows; a closed window is never opened again.
 *
 * - A live window closes `latenessMs` after its end, by the clock of the receiving threads: all that they received until
 *   then is in it.
 * - A window that was older than that when its first data came is telemetry that was recorded and is now fed. It closes
 *   when nothing came for it for `latenessMs` (at least 2 s), and 60 s after its first data at the latest.
 * - After a restart the windows of the time in between are live until `waitUntil`, and the clock stands still.
 * - A window that overlaps what the life before this one lost is incomplete, and says so.
 * - What comes for a closed window is late: it is counted in `flags.late` of the next window of that service that
 *   closes, and nowhere else.
 *
 * Time is a parameter: milliseconds since the epoch.
 */
export class WindowCollector {
  private grid: WindowGrid;
  private readonly budget: CellBudget;
  private readonly streams: MetricStreams;
  private readonly merger: PartMerger;
  private readonly open = new OpenWindows();
  private readonly closed = new Set<string>();
  private readonly lateByService = new Map<string, number>();
  private streamsCheckedAt: number;
  private through = 0;
  private readonly rooms: ServiceRooms;

  constructor(
    private plan: RecordingPlan,
    private readonly limits: CollectorLimits,
    private readonly startedAt: number,
    private restart: Restart | null = null,
    private readonly lost: readonly TimeSlice[] = [],
  ) {
    this.grid = new WindowGrid(plan.windowMs);
    this.budget = new CellBudget(limits.maxSeries, undefined, this.cohortCap());
    this.streams = new MetricStreams({ startedFromMs: startedAt, maxAgeMs: limits.maxAgeMs }, 10 * limits.maxSeries);
    this.merger = new PartMerger(this.streams);
    this.streamsCheckedAt = startedAt;
    this.rooms = new ServiceRooms(Math.max(fewestWindows, limits.maxSeries));
    this.nameServices(plan);
  }

  /** How many windows are open. */
  get openWindows(): number {
    return this.open.size;
  }

  /** The distinct stretches of time that are open. */
  openSlices(): readonly TimeSlice[] {
    return this.open.slices();
  }

  /** Is a window open that overlaps `[from, to)`? */
  isOpenWithin({ from, to }: TimeSlice): boolean {
    return this.open.slices().some((slice) => slice.from < to && slice.to > from);
  }

  /** @returns windows that are open now: they keep the length they began with */
  usePlan(plan: RecordingPlan, now: number): readonly TimeSlice[] {
    const held = [...this.open.slices()];
    const current = this.grid.sliceAt(now);
    if (held.length > 0 && held.every(({ from }) => from !== current.from)) held.push(current);
    this.plan = plan;
    this.budget.cohorts = this.cohortCap();
    this.nameServices(plan);
    this.grid = new WindowGrid(plan.windowMs, held);
    return held;
  }

  /** Services that have room whoever else sends. */
  nameServices({ services }: Pick<RecordingPlan, 'services'>): void {
    this.rooms.named = new Set(services);
  }

  private cohortCap(): CohortCap {
    return { by: this.plan.cohorts ?? usualCohortCap.by, mostSeries: this.limits.maxCohortSeries ?? usualCohortCap.mostSeries };
  }

  /** @returns observations that came after their window had closed */
  merge(part: WindowPart, thread: number, now: number): number {
    const steps = this.mergeInSteps(part, thread, now);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /** The same in steps that others may be served between. Nothing else may be merged or closed between them. */
  *mergeInSteps(part: WindowPart, thread: number, now: number): Generator<void, number> {
    let late = 0;
    yield* this.merger.merge(part, thread, now, (service, ms, observations) => {
      const window = this.windowAt(service, ms, now);
      if (window === null) late += this.addLate(service, observations);
      return window;
    });
    return late;
  }

  /** Would {@link close} close something, or move on with the clock? */
  isAnyDue(asOf: number, now: number): boolean {
    if (this.reachedAt(asOf) > this.through || (this.restart && asOf >= this.restart.waitUntil)) return true;
    return this.open.some((collected) => this.isDue(collected, asOf, now));
  }

  /**
   * @param asOf  everything received before this moment was merged
   * @param now   decides when recorded windows have been quiet for long enough
   * @param mostCells  no further window is closed after so many cells; then the clock does not move on
   */
  close(asOf: number, now: number, mostCells = Number.POSITIVE_INFINITY): Closing {
    if (this.restart && asOf >= this.restart.waitUntil) this.restart = null;
    const due = this.open.filter((collected) => this.isDue(collected, asOf, now)).sort(byTimeAndService);
    const windows: ClosedWindow[] = [];
    for (let cells = 0; windows.length < due.length && cells < mostCells; cells += windows.at(-1)?.cells.length ?? 0) {
      windows.push(this.closeWindow(due[windows.length] as OpenWindow));
    }
    this.forgetOld(now);
    const more = windows.length < due.length;
    if (!more) this.through = Math.max(this.through, this.reachedAt(asOf));
    return { windows, closedThrough: this.through, more };
  }

  private closeWindow(window: OpenWindow): ClosedWindow {
    this.open.delete(window);
    this.rooms.sawAgain(window.service);
    this.closed.add(keyOf(window.service, window.from));
    const closed = window.close(this.takeLate(window.service));
    return this.isLost(window) ? { ...closed, flags: { ...closed.flags, incomplete: true } } : closed;
  }

  /** Was something of it received in the life before this one? Whatever comes now is not all of it. */
  private isLost({ from, to }: TimeSlice): boolean {
    return this.lost.some((slice) => slice.from < to && slice.to > from);
  }

  private reachedAt(asOf: number): number {
    const reached = this.grid.sliceAt(asOf - this.plan.latenessMs).from;
    return this.restart ? Math.min(reached, this.restart.closedThrough) : reached;
  }

  /** Is it of the time between two lives, and can still be sent again? */
  private isAwaited({ from, to }: TimeSlice): boolean {
    return this.restart !== null && from < this.startedAt && to > this.restart.closedThrough;
  }

  private isDue({ window, live, firstPartAt, lastPartAt }: Collected, asOf: number, now: number): boolean {
    if (this.isAwaited(window)) return false;
    if (live) return window.to + this.plan.latenessMs <= asOf;
    const quietMs = Math.max(shortestQuietMs, this.plan.latenessMs);
    return lastPartAt + quietMs <= now || firstPartAt + longestOpenMs <= now;
  }

  /** @returns null: it is closed */
  private windowAt(service: string, ms: number, now: number): OpenWindow | null {
    const slice = this.grid.sliceAt(ms);
    const known = this.open.find(service, slice.from);
    if (known) {
      known.lastPartAt = now;
      return known.window;
    }
    if (this.closed.has(keyOf(service, slice.from))) return null;
    if (!this.rooms.take(service, this.open.size)) return this.windowAt(unknownService, slice.from, now);
    const window = new OpenWindow(service, slice, this.budget);
    const live = slice.to + this.plan.latenessMs > now || this.isAwaited(slice);
    this.open.add({ window, live, firstPartAt: now, lastPartAt: now });
    return window;
  }

  /** It was closed in a life before, or longer ago than is remembered. @returns its observations: they are late */
  refuse({ service, from, cells }: ClosedWindow): number {
    this.closed.add(keyOf(service, from));
    const observations = cells.reduce((sum, { signal, count }) => sum + (signal === 'span' || signal === 'log' ? count : 1), 0);
    return this.addLate(service, observations);
  }

  /** Observations that the next window of this service will call late. */
  lateOf(service: string): number {
    return this.lateByService.get(service) ?? 0;
  }

  private addLate(service: string, observations: number): number {
    this.lateByService.set(service, this.lateOf(service) + observations);
    return observations;
  }

  private takeLate(service: string): number {
    const late = this.lateOf(service);
    this.lateByService.delete(service);
    return late;
  }

  private forgetOld(now: number): void {
    for (const key of this.closed) {
      if (this.closed.size <= rememberedClosings) break;
      this.closed.delete(key);
    }
    if (now - this.streamsCheckedAt < forgetStreamsAfterMs / 10) return;
    this.streamsCheckedAt = now;
    this.streams.forget(now - forgetStreamsAfterMs);
  }
}

const keyOf = (service: string, from: number): string => `${from} ${service}`;
