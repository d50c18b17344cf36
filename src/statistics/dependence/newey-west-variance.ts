/**
 * n times the variance of a series' mean, from its autocovariances with Bartlett weights.
 *
 * For reports. Gates use the AR(1) form: on short series this one is too small (A/A .03–.29 at nominal .01).
 *
 * @param bandwidth  highest lag used, ≥ 0
 * @see Newey & West (1987), A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent covariance matrix
 */
export function neweyWestVariance(series: readonly number[], bandwidth: number): number {
  const count = series.length;
  if (count < 2) return Infinity;
  const mean = series.reduce((sum, value) => sum + value, 0) / count;
  const centred = series.map((value) => value - mean);
  const autocovariance = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < count; i++) sum += (centred[i] as number) * (centred[i - lag] as number);
    return sum / count;
  };
  let variance = autocovariance(0);
  for (let lag = 1; lag <= Math.min(bandwidth, count - 1); lag++) variance += 2 * (1 - lag / (bandwidth + 1)) * autocovariance(lag);
  return variance;
}
