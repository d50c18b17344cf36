import { rankSum } from './rank-sum.js';

/**
 * Standard score of Mann–Whitney's U with tie correction, positive where x tends to be larger.
 *
 * @param continuity  part of a rank by which U is moved towards its mean: ½ of the sign, ½ or −½ fixed, or none
 * @returns NaN where all values are equal
 */
export function mannWhitneyScore(x: ArrayLike<number>, y: ArrayLike<number>, continuity: 'sign' | 'greater' | 'less' | 'none'): number {
  const [m, n] = [x.length, y.length];
  const { rankSum: ranks, tieTerm } = rankSum(x, y);
  const excess = ranks - (m * (m + 1)) / 2 - (m * n) / 2;
  const correction = { sign: 0.5 * Math.sign(excess), greater: 0.5, less: -0.5, none: 0 }[continuity];
  const sigma = Math.sqrt(((m * n) / 12) * (m + n + 1 - tieTerm / ((m + n) * (m + n - 1))));
  return sigma > 0 ? (excess - correction) / sigma : Number.NaN;
}
