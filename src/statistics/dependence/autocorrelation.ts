export interface Autocorrelation {
  /** as estimated, in (−1, 1); 0 where there is no spread */
  readonly lag1: number;
  /** corrected for the bias of short series, in [0, 0.98]: negative dependence is never used to narrow anything */
  readonly lag1Corrected: number;
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
  const count = series.length;
  const mean = series.reduce((sum, value) => sum + value, 0) / count;
  let squares = 0;
  let products = 0;
  series.forEach((value, i) => {
    squares += (value - mean) ** 2;
    if (i > 0) products += (value - mean) * ((series[i - 1] as number) - mean);
  });
  if (count < 2) return { lag1: 0, lag1Corrected: 0, sampleVariance: 0, longRunVarianceAr1: 0, effectiveSampleSize: 0 };

  const lag1 = squares > 0 ? products / squares : 0;
  const lag1Corrected = Math.min(0.98, Math.max(0, lag1 + (1 + 3 * lag1) / count));
  const sampleVariance = squares / (count - 1);
  const inflation = (1 + lag1Corrected) / (1 - lag1Corrected);
  return { lag1, lag1Corrected, sampleVariance, longRunVarianceAr1: sampleVariance * inflation, effectiveSampleSize: count / inflation };
}
