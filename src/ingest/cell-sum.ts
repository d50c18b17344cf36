import type { Attributes, Cell } from '../domain/index.js';
import { type Histogram, histogramCount, mergeHistograms } from '../statistics/index.js';
import { BucketSums } from './bucket-sums.js';
import { histogramMoments } from './histogram-moments.js';
import type { PointValue } from './observation-batch.js';
import { TraceExemplars } from './trace-exemplars.js';
import { rowField, rowHeader } from './window-part.js';

/** What tells the cells of one window apart. */
export interface CellName {
  readonly signal: Cell['signal'];
  readonly instrument: string | null;
  readonly attributes: Attributes;
}

/** What a cell of an open window holds so far. */
export class CellSum {
  private count = 0;
  private sum = 0;
  private sumOfSquares = 0;
  private last = 0;
  private lastAt = Number.NEGATIVE_INFINITY;
  private buckets: BucketSums | null = null;
  private histogram: Histogram | null = null;
  private exemplars: TraceExemplars | null = null;

  constructor(private readonly name: CellName) {}

  /** Adds the row of a part that begins at `at`. */
  addRow(rows: Float64Array, at: number): void {
    const observations = rows[at + rowField.count] as number;
    this.count += observations;
    this.sum += rows[at + rowField.sum] as number;
    this.sumOfSquares += rows[at + rowField.sumOfSquares] as number;
    this.buckets ??= new BucketSums();
    const [zeroCount, offset, length] = [rows[at + rowField.zeroCount], rows[at + rowField.offset], rows[at + rowField.length]];
    this.buckets.add(observations, zeroCount as number, offset as number, rows, at + rowHeader, length as number);
  }

  /** Adds an exemplar of a part. @param at  where its numbers stand in `packed` */
  addExemplar(kind: number, packed: Float64Array, at: number): void {
    this.exemplars ??= new TraceExemplars(1);
    this.exemplars.merge(0, kind, packed, at);
  }

  /** Log records have no value: they are counted. */
  addCount(count: number): void {
    this.count += count;
  }

  /** @param atMs  when the value was so; only levels care */
  addValue(value: PointValue, atMs: number): void {
    if (value.kind === 'sum') this.addIncrease(value.value);
    else if (value.kind === 'gauge') this.addLevel(value.value, atMs);
    else this.addHistogram(value.histogram, value.sum);
  }

  private addIncrease(increase: number): void {
    this.sum += increase;
    this.count = Math.round(this.sum); // counters of seconds or bytes may have fractions
  }

  /** Of two samples of one moment the larger is the last, whichever came first. */
  private addLevel(value: number, atMs: number): void {
    this.count += 1;
    this.sum += value;
    this.sumOfSquares += value * value;
    if (atMs < this.lastAt || (atMs === this.lastAt && value < this.last)) return;
    this.lastAt = atMs;
    this.last = value;
  }

  private addHistogram(histogram: Histogram, sum: number): void {
    const estimate = histogramMoments(histogram);
    this.count += histogramCount(histogram);
    this.sum += Number.isNaN(sum) ? estimate.sum : sum;
    this.sumOfSquares += estimate.sumOfSquares;
    this.histogram = this.histogram ? mergeHistograms(this.histogram, histogram) : histogram;
  }

  toCell(): Cell {
    const { count, last } = this;
    const sum = this.name.signal === 'span' ? this.sum / 1e9 : this.sum;
    const histogram = this.buckets?.toHistogram() ?? this.histogram;
    const sumOfSquares = histogram === null ? this.sumOfSquares : Math.max(this.sumOfSquares, count > 0 ? sum ** 2 / count : 0);
    const cell = { ...this.name, count, sum, sumOfSquares, last, histogram };
    return this.exemplars ? { ...cell, exemplars: this.exemplars.of(0) } : cell;
  }
}
