import type { TimeSlice } from '../domain/index.js';
import { BucketPages } from './bucket-pages.js';
import type { CohortResolver } from './cohort-resolver.js';
import type { Dictionary } from './dictionary.js';
import { notCounted, type ObservationBatch } from './observation-batch.js';
import { type RegistryLimits, SeriesRegistry } from './series-registry.js';
import { TraceExemplars } from './trace-exemplars.js';
import type { WindowGrid } from './window-grid.js';
import { rowField, rowHeader, type Series, type WindowPart } from './window-part.js';

interface OpenSlice extends TimeSlice {
  /** cell + 1 by series; 0: none */
  cellOf: Int32Array;
  series: number;
  /** cells by the quota of their series */
  readonly used: number[];
  /** observations in overflow series, by series */
  readonly overflow: Map<number, number>;
}

type Packed = Pick<WindowPart, 'firstSeries' | 'series' | 'rows' | 'exemplars' | 'overflow'>;

/** Numbers that a cell has beside its histogram, in `totals`; the last one is how slow a span must be to be an exemplar. */
const totalsPerCell = 4;
const [count, sum, sumOfSquares, longest] = [0, 1, 2, 3];

/**
 * Counts spans: observation → cell of the window in which the span ended. A cell has a count, sums and an exponential
 * histogram of durations, and the same for every numeric attribute the plan asks for; and it names the traces of its
 * slowest and of its last failed span.
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
  private totals = new Float64Array(0);
  private readonly buckets = new BucketPages();
  private readonly exemplars = new TraceExemplars();

  /** @param limits  cells with labels of their own, per window and of each cohort; further spans are in the overflow cells of their cohort */
  constructor(
    private readonly resolver: CohortResolver,
    dictionary: Dictionary,
    private readonly limits: RegistryLimits,
  ) {
    this.width = resolver.labels.length;
    this.depth = 1 + resolver.values.length;
    const kept = [resolver.kindLabel, resolver.statusLabel].filter((label) => label >= 0);
    this.registry = new SeriesRegistry(resolver, dictionary, limits, kept);
  }

  /** How many cells are in memory. */
  get cells(): number {
    return this.cellCount;
  }

  /** It has met so many series that it should start again when nothing waits in it. */
  get crowded(): boolean {
    return this.registry.crowded;
  }

  /** Notes in the batch to which cell a span belongs. */
  assign(batch: ObservationBatch, index: number, grid: WindowGrid): void {
    const ms = batch.endMs[index] as number;
    const newest = this.slices[0];
    const slice = newest !== undefined && ms >= newest.from && ms < newest.to ? newest : this.sliceAt(ms, grid);
    batch.cells[index] = this.cellFor(batch.labels, index * this.width, slice);
  }

  /**
   * Counts the spans of a batch that were assigned to cells. One thing after the other for all of them: the processor then fetches what
   * several spans need at the same time. Numbers are read where they stand: one that is handed to another function may be allocated for it.
   */
  add(batch: ObservationBatch): void {
    const { cells, durationNs, spanCount } = batch;
    this.addDurations(batch);
    this.buckets.addNanoseconds(cells, durationNs, spanCount);
    const values = this.depth - 1;
    for (let at = 0; at < spanCount * values; at += 1) {
      const cell = cells[Math.floor(at / values)] as number;
      if (cell !== notCounted) this.addValue(cell + 1 + (at % values), batch.values, at);
    }
  }

  private addDurations(batch: ObservationBatch): void {
    const { totals } = this;
    const { cells, durationNs, failed, spanCount } = batch;
    for (let index = 0; index < spanCount; index += 1) {
      const cell = cells[index] as number;
      if (cell === notCounted) continue;
      const at = cell * totalsPerCell;
      const duration = durationNs[index] as number;
      const seconds = duration / 1e9;
      totals[at] = (totals[at] as number) + 1;
      totals[at + sum] = (totals[at + sum] as number) + duration;
      totals[at + sumOfSquares] = (totals[at + sumOfSquares] as number) + seconds * seconds;
      if (duration >= (totals[at + longest] as number) || failed[index] === 1)
        totals[at + longest] = this.exemplars.add(cell, batch, index);
    }
  }

  private addValue(cell: number, values: Float64Array, index: number): void {
    const { totals } = this;
    const value = values[index] as number;
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
    const at = cell * totalsPerCell;
    totals[at] = (totals[at] as number) + 1;
    totals[at + sum] = (totals[at + sum] as number) + value;
    totals[at + sumOfSquares] = (totals[at + sumOfSquares] as number) + value * value;
    this.buckets.value[0] = value;
    this.buckets.add(cell);
  }

  /** Everything since the last call; counting starts again at zero. */
  take(): Packed {
    const firstSeries = this.seriesSent * this.depth;
    const packed: Packed = {
      firstSeries,
      series: this.newSeries(),
      rows: this.packRows(),
      exemplars: this.packExemplars(),
      overflow: this.overflow(),
    };
    this.seriesSent = this.registry.series.length;
    this.clear();
    return packed;
  }

  private packRows(): Float64Array<ArrayBuffer> {
    let length = 0;
    this.eachCell((_, cell) => {
      length += rowHeader + this.buckets.lengthOf(cell);
    });
    const rows = new Float64Array(length);
    let at = 0;
    this.eachCell((slice, cell, series) => {
      const from = cell * totalsPerCell;
      rows[at + rowField.series] = series;
      rows[at + rowField.from] = slice.from;
      rows[at + rowField.to] = slice.to;
      rows[at + rowField.count] = this.totals[from + count] as number;
      rows[at + rowField.sum] = this.totals[from + sum] as number;
      rows[at + rowField.sumOfSquares] = this.totals[from + sumOfSquares] as number;
      at = this.buckets.pack(cell, rows, at + rowField.zeroCount);
    });
    return rows;
  }

  private packExemplars(): Float64Array<ArrayBuffer> {
    const packed: number[] = [];
    this.eachCell((slice, cell, series) => this.exemplars.pack(cell, [series, slice.from], packed));
    return Float64Array.from(packed);
  }

  /** Every cell that counted something, with the number of its series in the part. */
  private eachCell(use: (slice: OpenSlice, cell: number, series: number) => void): void {
    for (const slice of this.slices) {
      for (let series = 0; series < slice.cellOf.length; series += 1) {
        const first = (slice.cellOf[series] as number) - 1;
        for (let value = 0; first >= 0 && value < this.depth; value += 1) {
          if (this.totals[(first + value) * totalsPerCell] !== 0) use(slice, first + value, series * this.depth + value);
        }
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
    this.totals.fill(0, 0, this.cellCount * totalsPerCell);
    this.exemplars.clear(this.cellCount);
    this.cellCount = 0;
    this.slices = [];
  }

  private sliceAt(ms: number, grid: WindowGrid): OpenSlice {
    for (const slice of this.slices) if (ms >= slice.from && ms < slice.to) return slice;
    const cellOf = new Int32Array(Math.max(64, this.registry.series.length));
    const slice: OpenSlice = { ...grid.sliceAt(ms), cellOf, series: 0, used: [], overflow: new Map() };
    this.slices.unshift(slice);
    return slice;
  }

  private cellFor(labels: Int32Array, from: number, slice: OpenSlice): number {
    const series = this.registry.find(labels, from);
    const known = series < 0 ? 0 : (slice.cellOf[series] ?? 0);
    if (known > 0) return known - 1;
    const { maxSeries, cohorts } = this.limits;
    const hasRoom = series >= 0 && slice.series < maxSeries && this.registry.takeRoom(slice.used, series, cohorts.mostSeries);
    if (!hasRoom) return this.overflowCell(labels, from, slice);
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
    if (this.cellCount * totalsPerCell > this.totals.length) this.growCells();
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
    const totals = new Float64Array(capacity * totalsPerCell);
    totals.set(this.totals);
    this.totals = totals;
    this.buckets.reserve(capacity);
    this.exemplars.reserve(capacity);
  }
}
