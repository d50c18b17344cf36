import { type Autocorrelation, RunningSeries } from './running-series.js';

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
