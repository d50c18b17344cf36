import { logNormalCdf } from '../special/log-normal-cdf.js';
import { normalCdf } from '../special/normal-cdf.js';

/**
 * Median time at which a drifting random walk first reaches a level, as a share of the time that its drift alone would need.
 *
 * The median of the inverse Gaussian distribution of mean 1: below 1, because a walk that is looked at all the time is stopped at
 * its first lucky moment.
 *
 * @param steadiness  level² / variance gathered on the way, > 0; Infinity: no noise
 * @returns in (0, 1]
 * @throws {RangeError} steadiness ≤ 0 or NaN
 * @see Wald (1947), Sequential analysis; Chhikara & Folks (1989), The inverse Gaussian distribution
 */
export function firstPassageMedian(steadiness: number): number {
  if (!(steadiness > 0)) throw new RangeError(`steadiness must be > 0, got ${steadiness}`);
  if (steadiness > 1e9) return 1;
  const reached = (time: number): number => {
    const root = Math.sqrt(steadiness / time);
    return normalCdf(root * (time - 1)) + Math.exp(2 * steadiness + logNormalCdf(-root * (time + 1)));
  };
  let [low, high] = [0, 1];
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (reached(middle) >= 0.5) high = middle;
    else low = middle;
  }
  return high;
}
