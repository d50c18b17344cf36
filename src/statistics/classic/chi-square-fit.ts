import { regularizedLowerGamma } from '../special/regularized-lower-gamma.js';

/**
 * Pearson's χ² test that counts follow given shares. Not valid under peeking.
 *
 * Assumes independent observations, at least about five of them expected of each kind.
 *
 * @param expected  shares, > 0, sum 1
 * @returns the statistic, and the chance of one at least as large if the shares are right
 * @see Pearson (1900)
 */
export function chiSquareFit(counts: readonly number[], expected: readonly number[]): { statistic: number; p: number } {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const statistic = counts.reduce((sum, count, i) => {
    const wanted = total * (expected[i] as number);
    return sum + (count - wanted) ** 2 / wanted;
  }, 0);
  return { statistic, p: 1 - regularizedLowerGamma((counts.length - 1) / 2, statistic / 2) };
}
