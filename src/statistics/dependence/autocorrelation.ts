import { RunningSeries } from './running-series.js';

export interface Autocorrelation {
  /** as estimated, in (−1, 1); 0 where there is no spread */
  readonly lag1: number;
  /** corrected for the bias of short series, in [0, 0.98]: negative dependence is never used to narrow anything */
  readonly lag1Corrected: number;
  /** one standard error above the corrected one, in [0, 0.98]: what a test may assume that was given this series to learn from */
  readonly lag1Safe: number;
  /** denominator n − 1 */
  readonly sampleVariance: number;
  /** n times the variance of the mean, taking the series as AR(1) with the corrected lag 1 */
  readonly longRunVarianceAr1: number;
  /** the number of independent values that would tell as much about the mean */
  readonly effectiveSampleSize: number;
}

/**
 * How much a series repeats itself from one value to the next.
 *
 * Assumes a stationary series; the correction is for AR(1).
 *
 * @param series  at least two values, evenly spaced in time; shorter ones give no variance and no effective size
 * @see Kendall (1954), Note on bias in the estimation of autocorrelation
 */
export function autocorrelation(series: readonly number[]): Autocorrelation {
  return RunningSeries.of(series).autocorrelation();
}
