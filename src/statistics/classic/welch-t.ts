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
  const [first, second] = [momentsOf(x), momentsOf(y)];
  const { error, df } = variances === 'pooled' ? pooled(first, second) : unequal(first, second);
  const difference = first.mean - second.mean;
  const t = error > 0 ? difference / error : Number.NaN;
  const halfWidth = -studentTQuantile((1 - confidence) / 2, df) * error;
  return {
    t,
    df,
    pTwoSided: error > 0 ? 2 * studentTCdf(-Math.abs(t), df) : Number.NaN,
    pGreater: error > 0 ? studentTCdf(-t, df) : Number.NaN,
    interval: { low: difference - halfWidth, high: difference + halfWidth },
  };
}

interface Sample {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

function momentsOf(values: readonly number[]): Sample {
  const count = values.length;
  if (count < 2) throw new RangeError(`a t test needs two values in each sample, got ${count}`);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { count, mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1) };
}

function unequal(x: Sample, y: Sample): { error: number; df: number } {
  const [a, b] = [x.variance / x.count, y.variance / y.count];
  const df = (a + b) ** 2 / (a ** 2 / (x.count - 1) + b ** 2 / (y.count - 1));
  return { error: Math.sqrt(a + b), df: a + b > 0 ? df : x.count + y.count - 2 };
}

function pooled(x: Sample, y: Sample): { error: number; df: number } {
  const df = x.count + y.count - 2;
  const variance = ((x.count - 1) * x.variance + (y.count - 1) * y.variance) / df;
  return { error: Math.sqrt(variance * (1 / x.count + 1 / y.count)), df };
}
