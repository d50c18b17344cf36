import { logBeta } from '../special/log-beta.js';

export interface RankInterval {
  /** fewest observations at or below the quantile that are not rejected */
  readonly low: number;
  /** most observations at or below the quantile that are not rejected */
  readonly high: number;
  /** shape of the mixture */
  readonly r: number;
  /** ln E at `low` */
  readonly logEAtLow: number;
}

/**
 * How many of n observations may lie at or below the p-quantile, at every n at once.
 *
 * @param count      n, ≥ 1
 * @param p          in (0, 1)
 * @param alpha      chance that the true number is outside at any n
 * @param bestCount  n at which the interval is tightest; fixed before the data
 * @throws {RangeError} an argument out of range
 * @see Howard & Ramdas (2022), Sequential estimation of quantiles, beta-binomial mixture
 */
export function rankInterval(count: number, p: number, alpha: number, bestCount: number): RankInterval {
  if (!(count >= 1 && bestCount > 0)) throw new RangeError(`count and bestCount must be >= 1, got ${count} and ${bestCount}`);
  if (!(p > 0 && p < 1 && alpha > 0 && alpha < 1)) throw new RangeError(`p and alpha must be in (0, 1), got ${p} and ${alpha}`);
  const spread = p * (1 - p);
  const level = -2 * Math.log(0.05);
  const r = Math.max((bestCount * spread) / (level + Math.log1p(level)) - spread, 1e-3 * spread);
  const a = r / (1 - p);
  const b = r / p;
  const prior = logBeta(a, b);
  const logE = (k: number): number => logBeta(a + k, b + count - k) - prior - k * Math.log(p) - (count - k) * Math.log1p(-p);
  const kept = (k: number): boolean => logE(k) < -Math.log(alpha);
  const low = firstInteger(0, Math.floor(count * p), kept);
  const high = firstInteger(Math.ceil(count * p), count + 1, (k) => k > count || !kept(k)) - 1;
  return { low, high, r, logEAtLow: logE(low) };
}

/** Smallest integer from low on at which the condition holds, given that it holds at high and everywhere after it began. */
function firstInteger(from: number, to: number, holds: (k: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
