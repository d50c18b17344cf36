import type { Histogram } from '../../statistics/index.js';

/** What was observed between two edges. */
export interface HistogramIncrease {
  readonly histogram: Histogram;
  /** sum of the observed values; null: the series has no sum */
  readonly sum: number | null;
  /** counts that were not whole, or fell from one bound to the next, and were mended */
  readonly mended: number;
}
