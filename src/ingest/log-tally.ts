import type { TimeSlice } from '../domain/index.js';
import type { CohortResolver } from './cohort-resolver.js';
import type { Dictionary } from './dictionary.js';
import type { LogBatch } from './log-batch.js';
import type { LabelledSeries } from './overflow-series.js';
import { type RegistryLimits, SeriesRegistry } from './series-registry.js';
import type { WindowGrid } from './window-grid.js';

/** Log records counted since the last part; it can be read without any earlier one. */
export interface LogCounts {
  readonly series: readonly LabelledSeries[];
  /** `series, from, to, count`, one after the other */
  readonly rows: Float64Array<ArrayBuffer>;
  /** records that are in an overflow series, by service and window */
  readonly overflow: readonly { readonly service: string; readonly from: number; readonly to: number; readonly count: number }[];
}

interface OpenSlice extends TimeSlice {
  /** by series */
  counts: Float64Array;
  series: number;
  /** cells by the quota of their series */
  readonly used: number[];
  readonly overflow: Map<number, number>;
}

/** Counts log records: record → cell of the window in which it happened. */
export class LogTally {
  private readonly width: number;
  private readonly registry: SeriesRegistry;
  private slices: OpenSlice[] = [];

  /** @param limits  cells with labels of their own, per window and of each cohort; further records are in the overflow cells of their cohort */
  constructor(
    resolver: CohortResolver,
    dictionary: Dictionary,
    private readonly limits: RegistryLimits,
  ) {
    this.width = resolver.labels.length;
    const kept = [resolver.labels.indexOf('severity')].filter((label) => label >= 0);
    this.registry = new SeriesRegistry(resolver, dictionary, limits, kept);
  }

  /** How many cells are in memory. */
  get cells(): number {
    return this.slices.reduce((sum, { series }) => sum + series, 0);
  }

  /** It has met so many series that it should start again when nothing waits in it. */
  get crowded(): boolean {
    return this.registry.crowded;
  }

  add(batch: LogBatch, index: number, grid: WindowGrid): void {
    const slice = this.sliceAt(batch.atMs[index] as number, grid);
    const series = this.seriesFor(batch.labels, index * this.width, slice);
    if (series >= slice.counts.length) slice.counts = grown(slice.counts, series + 1);
    slice.counts[series] = (slice.counts[series] as number) + 1;
  }

  /** Everything since the last call; counting starts again at zero. Null where there is nothing. */
  take(): LogCounts | null {
    if (this.slices.length === 0) return null;
    const numbers = new Map<number, number>();
    const rows: number[] = [];
    for (const { from, to, counts } of this.slices) {
      counts.forEach((count, series) => {
        if (count === 0) return;
        const number = numbers.get(series) ?? numbers.size;
        numbers.set(series, number);
        rows.push(number, from, to, count);
      });
    }
    const series = [...numbers.keys()].map((number) => this.registry.series[number] as LabelledSeries);
    const overflow = this.slices.flatMap(({ from, to, overflow: over }) =>
      [...over].map(([number, count]) => ({ service: this.registry.series[number]?.service ?? '', from, to, count })),
    );
    this.slices = [];
    return { series, rows: Float64Array.from(rows), overflow };
  }

  private seriesFor(labels: Int32Array, from: number, slice: OpenSlice): number {
    const series = this.registry.find(labels, from);
    if (series >= 0 && (slice.counts[series] ?? 0) > 0) return series;
    const { maxSeries, cohorts } = this.limits;
    if (series >= 0 && slice.series < maxSeries && this.registry.takeRoom(slice.used, series, cohorts.mostSeries)) {
      slice.series += 1;
      return series;
    }
    const shared = this.registry.overflowOf(labels, from);
    slice.overflow.set(shared, (slice.overflow.get(shared) ?? 0) + 1);
    return shared;
  }

  private sliceAt(ms: number, grid: WindowGrid): OpenSlice {
    for (const slice of this.slices) if (ms >= slice.from && ms < slice.to) return slice;
    const slice: OpenSlice = { ...grid.sliceAt(ms), counts: new Float64Array(64), series: 0, used: [], overflow: new Map() };
    this.slices.unshift(slice);
    return slice;
  }
}

function grown(old: Float64Array, least: number): Float64Array {
  const larger = new Float64Array(Math.max(least, old.length * 2));
  larger.set(old);
  return larger;
}
