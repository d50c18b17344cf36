import type { Histogram } from './histogram.js';
import { mergeHistograms } from './merge-histograms.js';

/** Adds histograms of one form up, as {@link mergeHistograms} would one after the other, without a copy for each. */
export class HistogramSum {
  private sum: Histogram | null = null;
  /** the buckets of `sum`, which are ours to write to */
  private counts: number[] = [];

  /** @throws {RangeError} one is exponential and another explicit */
  add(histogram: Histogram): void {
    if (this.sum !== null && this.addInPlace(this.sum, histogram)) return;
    const merged = this.sum === null ? histogram : mergeHistograms(this.sum, histogram);
    this.counts = [...merged.counts];
    this.sum = { ...merged, counts: this.counts };
  }

  /** What was added so far; it changes with the next one. Null: nothing was. */
  soFar(): Histogram | null {
    return this.sum;
  }

  /** The usual case: the newcomer has no bucket that the sum does not have. */
  private addInPlace(sum: Histogram, histogram: Histogram): boolean {
    if (sum.kind !== 'exponential' || histogram.kind !== 'exponential' || sum.scale !== histogram.scale) return false;
    const shift = histogram.offset - sum.offset;
    if (shift < 0 || shift + histogram.counts.length > this.counts.length) return false;
    for (let i = 0; i < histogram.counts.length; i++)
      this.counts[shift + i] = (this.counts[shift + i] as number) + (histogram.counts[i] as number);
    if (histogram.zeroCount > 0) this.sum = { ...sum, zeroCount: sum.zeroCount + histogram.zeroCount };
    return true;
  }
}
