import type { Interval } from '../interval.js';
import { rankInterval } from './rank-interval.js';

/**
 * Bounds of a quantile that hold at every number of observations, from the observations themselves.
 *
 * Assumes independent observations from one distribution.
 *
 * @param p          in (0, 1)
 * @param alpha      chance that the quantile is outside at any look
 * @param bestCount  number of observations at which the bounds are tightest; fixed before the data
 * @returns infinite on a side where the sample ends before the bound
 * @see Howard & Ramdas (2022), Sequential estimation of quantiles
 */
export function sampleQuantileBounds(values: readonly number[], p: number, alpha: number, bestCount: number): Interval {
  if (values.length === 0) return { low: -Infinity, high: Infinity };
  const sorted = Float64Array.from(values).sort();
  const { low, high } = rankInterval(values.length, p, alpha, bestCount);
  return { low: sorted[low - 1] ?? -Infinity, high: sorted[high] ?? Infinity };
}
