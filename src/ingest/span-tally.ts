import type { TimeSlice } from '../domain/index.js';
import { BucketPages } from './bucket-pages.js';
import type { CohortResolver } from './cohort-resolver.js';
import type { Dictionary } from './dictionary.js';
import type { ObservationBatch } from './observation-batch.js';
import { SeriesRegistry } from './series-registry.js';
import type { WindowGrid } from './window-grid.js';
import type { Series, WindowPart } from './window-part.js';

interface OpenSlice extends TimeSlice {
  /** cell + 1 by series; 0: none */
  cellOf: Int32Array;
  series: number;
  /** observations in overflow series, by series */
  readonly overflow: Map<number, number>;
}

type Packed = Pick<WindowPart, 'firstSeries' | 'series' | 'rows' | 'overflow'>;

/**
 * Counts spans: observation → cell of the window in which the span ended. A cell has a count, sums and an exponential
 * histogram of durations, and the same for every numeric attribute the plan asks for.
 *
 * Sums of durations are kept in whole nanoseconds, so that they do not depend on the order of arrival.
 */
export class SpanTally {
  private readonly width: number;
  /** histograms per span: its duration, then the numeric attributes */
  private readonly depth: number;
  private readonly registry: SeriesRegistry;
  private seriesSent = 0;

  private slices: OpenSlice[] = [];
  private cellCount = 0;
  private counts = new Float64Array(0);
  private sums = new Float64Array(0);
  private squares = new Float64Array(0);
  private readonly buckets = new BucketPages();

  /** @param maxSeries  cells with labels of their own per window; further ones share an overflow cell per service */
  constructor(
    private readonly resolver: CohortResolver,
    dictionary: Dictionary,
    private readonly maxSeries: number,
  ) {
    this.width = resolver.labels.length;
    this.depth = 1 + resolver.values.length;
    this.registry = new SeriesRegistry(resolver, dictionary, 3 * maxSeries);
  }

  /** How many series and cells are in memory. */
  get load(): { readonly series: number; readonly cells: number } {
    return { series: this.registry.series.length, cells: this.cellCount };
  }

  add(batch: ObservationBatch, index: number, grid: WindowGrid): void {
    const cell = this.cellFor(batch.labels, index * this.width, this.sliceAt(batch.endMs[index] as number, grid));
    const durationNs = batch.durationNs[index] as number;
    this.observe(cell, durationNs / 1e9, durationNs);
    for (let value = 1; value < this.depth; value += 1) {
      const number = batch.values[index * (this.depth - 1) + value - 1] as number;
      if (number >= 0 && number < Number.POSITIVE_INFINITY) this.observe(cell + value, number, number);
    }
  }

  private observe(cell: number, value: number, exact: number): void {
    this.counts[cell] = (this.counts[cell] as number) + 1;
    this.sums[cell] = (this.sums[cell] as number) + exact;
    this.squares[cell] = (this.squares[cell] as number) + value * value;
    this.buckets.add(cell, value);
  }

  /** Everything since the last call; counting starts again at zero. */
  take(): Packed {
    const written: number[] = [];
    for (const slice of this.slices) this.pack(slice, written);
    const firstSeries = this.seriesSent * this.depth;
    const packed: Packed = { firstSeries, series: this.newSeries(), rows: Float64Array.from(written), overflow: this.overflow() };
    this.seriesSent = this.registry.series.length;
    this.clear();
    return packed;
  }

  private pack({ cellOf, from, to }: OpenSlice, written: number[]): void {
    for (let series = 0; series < cellOf.length; series += 1) {
      const first = (cellOf[series] as number) - 1;
      for (let value = 0; first >= 0 && value < this.depth; value += 1) {
        const cell = first + value;
        const count = this.counts[cell] as number;
        if (count === 0) continue;
        const { zeroCount, offset, counts } = this.buckets.read(cell);
        written.push(series * this.depth + value, from, to, count, this.sums[cell] as number, this.squares[cell] as number);
        written.push(zeroCount, offset, counts.length, ...counts);
      }
    }
  }

  private newSeries(): Series[] {
    const instruments = [null, ...this.resolver.values];
    const added = this.registry.series.slice(this.seriesSent);
    return added.flatMap((labelled) => instruments.map((instrument) => ({ ...labelled, instrument })));
  }

  private overflow(): Packed['overflow'] {
    return this.slices.flatMap(({ from, to, overflow }) =>
      [...overflow].map(([series, count]) => ({ service: this.registry.series[series]?.service ?? '', from, to, count })),
    );
  }

  private clear(): void {
    this.buckets.clear(this.cellCount);
    this.counts.fill(0, 0, this.cellCount);
    this.sums.fill(0, 0, this.cellCount);
    this.squares.fill(0, 0, this.cellCount);
    this.cellCount = 0;
    this.slices = [];
  }

  private sliceAt(ms: number, grid: WindowGrid): OpenSlice {
    for (const slice of this.slices) if (ms >= slice.from && ms < slice.to) return slice;
    const cellOf = new Int32Array(Math.max(64, this.registry.series.length));
    const slice: OpenSlice = { ...grid.sliceAt(ms), cellOf, series: 0, overflow: new Map() };
    this.slices.unshift(slice);
    return slice;
  }

  private cellFor(labels: Int32Array, from: number, slice: OpenSlice): number {
    const series = this.registry.find(labels, from);
    const known = series < 0 ? 0 : (slice.cellOf[series] ?? 0);
    if (known > 0) return known - 1;
    if (series < 0 || slice.series >= this.maxSeries) return this.overflowCell(labels, from, slice);
    slice.series += 1;
    return this.openCell(slice, series);
  }

  private overflowCell(labels: Int32Array, from: number, slice: OpenSlice): number {
    const series = this.registry.overflowOf(labels, from);
    slice.overflow.set(series, (slice.overflow.get(series) ?? 0) + 1);
    const known = slice.cellOf[series] ?? 0;
    return known > 0 ? known - 1 : this.openCell(slice, series);
  }

  private openCell(slice: OpenSlice, series: number): number {
    const cell = this.cellCount;
    this.cellCount += this.depth;
    if (this.cellCount > this.counts.length) this.growCells();
    if (series >= slice.cellOf.length) {
      const larger = new Int32Array(Math.max(series + 1, slice.cellOf.length * 2));
      larger.set(slice.cellOf);
      slice.cellOf = larger;
    }
    slice.cellOf[series] = cell + 1;
    return cell;
  }

  private growCells(): void {
    const capacity = Math.max(64, this.cellCount * 2);
    this.counts = grown(this.counts, capacity);
    this.sums = grown(this.sums, capacity);
    this.squares = grown(this.squares, capacity);
    this.buckets.reserve(capacity);
  }
}

function grown(old: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const column = new Float64Array(capacity);
  column.set(old);
  return column;
}
