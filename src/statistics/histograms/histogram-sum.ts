import type { Histogram } from './histogram.js';
import { histogramCount } from './histogram-count.js';
import { mergeHistograms } from './merge-histograms.js';

/** Adds histograms of one form up, as {@link mergeHistograms} would one after the other, without a copy for each. */
export class HistogramSum {
  private sum: Histogram | null = null;
  /** the buckets of `sum`, which are ours to write to */
  private counts: number[] = [];
  private observations = 0;

  /** @throws {RangeError} one is exponential and another explicit */
  add(histogram: Histogram): void {
    if (this.sum !== null && this.addInPlace(this.sum, histogram)) return;
    const merged = this.sum === null ? histogram : mergeHistograms(this.sum, histogram);
    this.observations = histogramCount(merged);
    this.counts = [...merged.counts];
    this.sum = { ...merged, counts: this.counts };
  }

  /** What was added so far; it changes with the next one. Null: nothing was. */
  soFar(): Histogram | null {
    return this.sum;
  }

  /** Number of observations that were added so far. */
  count(): number {
    return this.observations;
  }

  /** The usual case: the newcomer has no bucket that the sum does not have. */
  private addInPlace(sum: Histogram, histogram: Histogram): boolean {
    if (sum.kind !== 'exponential' || histogram.kind !== 'exponential' || sum.scale !== histogram.scale) return false;
    const shift = histogram.offset - sum.offset;
    if (shift < 0 || shift + histogram.counts.length > this.counts.length) return false;
    const { counts } = this;
    const added = histogram.counts;
    let observations = histogram.zeroCount;
    for (let i = 0; i < added.length; i++) {
      const count = added[i] as number;
      observations += count;
      counts[shift + i] = (counts[shift + i] as number) + count;
    }
    this.observations += observations;
    if (histogram.zeroCount > 0) this.sum = { ...sum, zeroCount: sum.zeroCount + histogram.zeroCount };
    return true;
  }
}
