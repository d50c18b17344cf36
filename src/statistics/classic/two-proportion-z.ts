import type { Interval } from '../interval.js';
import { normalCdf } from '../special/normal-cdf.js';
import { normalQuantile } from '../special/normal-quantile.js';

export interface Proportion {
  readonly events: number;
  readonly total: number;
}

export interface TwoProportionTest {
  readonly chiSquare: number;
  /** NaN where there were no events, or nothing else: no evidence */
  readonly pTwoSided: number;
  /** against "the first is not larger" */
  readonly pGreater: number;
  /** of first − second, not beyond ±1 */
  readonly interval: Interval;
}

/**
 * Two-proportion z test: pooled variance for the p-value, unpooled for the interval. Not valid under peeking.
 *
 * Agrees with R's prop.test. Assumes independent observations and at least about five events in each cell.
 *
 * @param confidence  of the interval, in (0, 1)
 * @param yates       continuity correction
 */
export function twoProportionZ(first: Proportion, second: Proportion, confidence = 0.95, yates = false): TwoProportionTest {
  const [p, q] = [first.events / first.total, second.events / second.total];
  const spread = 1 / first.total + 1 / second.total;
  const difference = p - q;
  const correction = yates ? Math.min(0.5, Math.abs(difference) / spread) : 0;
  const pooled = (first.events + second.events) / (first.total + second.total);
  const z = (Math.sign(difference) * (Math.abs(difference) - correction * spread)) / Math.sqrt(pooled * (1 - pooled) * spread);
  const error = Math.sqrt((p * (1 - p)) / first.total + (q * (1 - q)) / second.total);
  const halfWidth = normalQuantile((1 + confidence) / 2) * error + correction * spread;
  return {
    chiSquare: z * z,
    pTwoSided: 2 * normalCdf(-Math.abs(z)),
    pGreater: normalCdf(-z),
    interval: { low: Math.max(-1, difference - halfWidth), high: Math.min(1, difference + halfWidth) },
  };
}
