import { regularizedLowerGamma } from '../special/regularized-lower-gamma.js';

/**
 * Pearson's χ² test that counts follow given shares. Not valid under peeking.
 *
 * @param expected  shares, > 0, sum 1
 */
export function chiSquareFit(counts: readonly number[], expected: readonly number[]): { statistic: number; p: number } {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const statistic = counts.reduce((sum, count, i) => {
    const wanted = total * (expected[i] as number);
    return sum + (count - wanted) ** 2 / wanted;
  }, 0);
  return { statistic, p: 1 - regularizedLowerGamma((counts.length - 1) / 2, statistic / 2) };
}
