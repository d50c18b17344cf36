import type { Moments } from '../asymptotic/stratified-means.js';
import type { Interval } from '../interval.js';
import { studentTCdf } from '../special/student-t-cdf.js';
import { studentTQuantile } from '../special/student-t-quantile.js';

export interface TTest {
  readonly t: number;
  readonly df: number;
  /** NaN where neither sample has spread: no evidence */
  readonly pTwoSided: number;
  /** against "mean of x is not larger" */
  readonly pGreater: number;
  /** against "mean of x is not smaller" */
  readonly pLess: number;
  /** of mean x − mean y */
  readonly interval: Interval;
}

/**
 * Welch's t test of two means, or Student's with one pooled variance. Not valid under peeking.
 *
 * Assumes independent values that are nearly normal, or many.
 *
 * @param confidence  of the interval, in (0, 1)
 * @throws {RangeError} fewer than two values in a sample
 * @see Welch (1947), The generalization of Student's problem
 */
export function welchT(x: readonly number[], y: readonly number[], confidence = 0.95, variances: 'unequal' | 'pooled' = 'unequal'): TTest {
  return welchOfMoments(momentsOf(x), momentsOf(y), confidence, variances);
}

/**
 * The same as {@link welchT} from what is known of many values: their number, mean and variance (n − 1). Not valid under peeking.
 *
 * @param confidence  of the interval, in (0, 1)
 * @throws {RangeError} fewer than two values in a sample
 */
export function welchOfMoments(first: Moments, second: Moments, confidence = 0.95, variances: 'unequal' | 'pooled' = 'unequal'): TTest {
  const fewest = Math.min(first.count, second.count);
  if (!(fewest >= 2)) throw new RangeError(`a t test needs two values in each sample, got ${fewest}`);
  const { error, df } = variances === 'pooled' ? pooled(first, second) : unequal(first, second);
  const difference = first.mean - second.mean;
  const t = error > 0 ? difference / error : Number.NaN;
  const halfWidth = -studentTQuantile((1 - confidence) / 2, df) * error;
  return {
    t,
    df,
    pTwoSided: error > 0 ? 2 * studentTCdf(-Math.abs(t), df) : Number.NaN,
    pGreater: error > 0 ? studentTCdf(-t, df) : Number.NaN,
    pLess: error > 0 ? studentTCdf(t, df) : Number.NaN,
    interval: { low: difference - halfWidth, high: difference + halfWidth },
  };
}

function momentsOf(values: readonly number[]): Moments {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { count, mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1) };
}

function unequal(x: Moments, y: Moments): { error: number; df: number } {
  const [a, b] = [x.variance / x.count, y.variance / y.count];
  const df = (a + b) ** 2 / (a ** 2 / (x.count - 1) + b ** 2 / (y.count - 1));
  return { error: Math.sqrt(a + b), df: a + b > 0 ? df : x.count + y.count - 2 };
}

function pooled(x: Moments, y: Moments): { error: number; df: number } {
  const df = x.count + y.count - 2;
  const variance = ((x.count - 1) * x.variance + (y.count - 1) * y.variance) / df;
  return { error: Math.sqrt(variance * (1 / x.count + 1 / y.count)), df };
}
