import { quantileType7 } from '../quantiles/quantile-type7.js';

/**
 * Which values lie outside Tukey's fences, as Kayenta decides it; a value on a fence is kept.
 *
 * @param factor             distance of the fences in interquartile ranges; Kayenta's default is 3
 * @param reduceSensitivity  moves a fence outwards to the 1st or 99th percentile where that is farther
 */
export function iqrOutliers(values: readonly number[], factor: number, reduceSensitivity: boolean): boolean[] {
  const [q1, q3] = [quantileType7(values, 0.25), quantileType7(values, 0.75)];
  let low = q1 - factor * (q3 - q1);
  let high = q3 + factor * (q3 - q1);
  if (reduceSensitivity) {
    low = Math.min(low, quantileType7(values, 0.01));
    high = Math.max(high, quantileType7(values, 0.99));
  }
  return values.map((value) => value < low || value > high);
}
