import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClosedWindow, RecordingPlan } from '../../domain/index.js';
import { MetricStreams } from '../metric-streams.js';
import { byTimeAndService, CellBudget, OpenWindow } from '../open-window.js';
import type { Signal } from '../otlp-reader.js';
import { PartMerger, type Place } from '../part-merger.js';
import { type AcceptedTimes, anyTime, PartRecorder, type Receipt } from '../part-recorder.js';
import { WindowGrid } from '../window-grid.js';
import { RecentRecords } from './recent-records.js';

export interface StreamLimits {
  /** cells with attributes of their own that may wait to be stored */
  readonly maxSeries: number;
  /** the first value of a cumulative stream counts when it is of no longer a time than this, ms */
  readonly longestFirstMs: number;
  /** from when on the log is read, ms: what began later was seen from its beginning */
  readonly watchedFrom: number;
}

/** A stream is followed in one place, or its values are counted twice. */
export class ScatteredStreamError extends Error {}

/**
 * Turns records of a log into what they add to their windows, by their event times alone: which windows are closed the
 * store decides.
 */
export class StreamRecorder {
  private readonly recent = new RecentRecords();
  private readonly merger: PartMerger;
  private recorder: PartRecorder;
  private grid: WindowGrid;

  constructor(
    plan: RecordingPlan,
    private readonly limits: StreamLimits,
  ) {
    const { watchedFrom, longestFirstMs, maxSeries } = limits;
    this.merger = new PartMerger(new MetricStreams({ startedFromMs: watchedFrom, maxAgeMs: longestFirstMs }, 10 * maxSeries));
    this.recorder = this.newRecorder(plan);
    this.grid = new WindowGrid(plan.windowMs);
  }

  /** Cells and points that wait to be taken. */
  get load(): number {
    return this.recorder.load;
  }

  /** Counts a record. @throws {MalformedOtlpError} @throws {ScatteredStreamError} then nothing of it counts */
  record(signal: Signal, value: Uint8Array, times: AcceptedTimes, isScattered: boolean): Receipt {
    const batch = this.recorder.read(signal, 'protobuf', value);
    if (isScattered && batch.points.some(({ temporality }) => temporality === 'cumulative')) {
      throw new ScatteredStreamError('cumulative metrics without a key cannot be counted by several replicas');
    }
    return this.recorder.record(batch, times);
  }

  /** Learns from a record that is counted already: what its cumulative values were, and that it may come again. @throws {MalformedOtlpError} */
  remember(signal: Signal, value: Uint8Array): void {
    this.recorder.record(this.recorder.read(signal, 'protobuf', value), anyTime);
  }

  /** Ends remembering: what was read so far counts nowhere. */
  async forgetCounts(): Promise<void> {
    await this.merge(() => null);
  }

  /** What was recorded since the last time, by time and service. */
  async take(): Promise<ClosedWindow[]> {
    const windows = new Map<string, OpenWindow>();
    const budget = new CellBudget(this.limits.maxSeries, Number.POSITIVE_INFINITY);
    await this.merge((service, ms) => {
      const slice = this.grid.sliceAt(ms);
      const key = `${slice.from} ${service}`;
      const window = windows.get(key) ?? new OpenWindow(service, slice, budget);
      windows.set(key, window);
      return window;
    });
    return [...windows.values()].sort(byTimeAndService).map((window) => window.close(0));
  }

  /** Nothing may wait to be taken. */
  usePlan(plan: RecordingPlan): void {
    this.recorder = this.newRecorder(plan);
    this.grid = new WindowGrid(plan.windowMs);
  }

  private async merge(place: Place): Promise<void> {
    const now = Date.now();
    const part = this.recorder.take(now);
    for (const _step of this.merger.merge(part, 0, now, place)) await nextTurn();
  }

  private newRecorder(plan: RecordingPlan): PartRecorder {
    return new PartRecorder(plan, { maxSeries: this.limits.maxSeries, maxObservations: Number.POSITIVE_INFINITY }, [], this.recent);
  }
}
