import type { Interval } from '../interval.js';
import { normalCdf } from '../special/normal-cdf.js';
import { normalQuantile } from '../special/normal-quantile.js';
import { kthDifference } from './kth-difference.js';
import { mannWhitneyCumulative } from './mann-whitney-cumulative.js';
import { mannWhitneyScore } from './mann-whitney-score.js';
import { rankSum } from './rank-sum.js';
import { shiftRoots } from './shift-roots.js';
import { sortedSample } from './sorted-sample.js';

export interface MannWhitney {
  /** pairs in which x is larger, ties counted half */
  readonly u: number;
  /** NaN where all values are equal: no evidence */
  readonly pTwoSided: number;
  /** against "x is not larger" */
  readonly pGreater: number;
  /** of the shift from y to x */
  readonly interval: Interval;
}

export interface MannWhitneyOptions {
  /** exact: no ties allowed, for samples below 50; normal: tie correction */
  readonly method: 'exact' | 'normal';
  /** of the interval, in (0, 1) */
  readonly confidence?: number;
  /** normal method only */
  readonly continuity?: boolean;
}

/**
 * Mann–Whitney (Wilcoxon rank sum) test of two independent samples. Not valid under peeking.
 *
 * Agrees with R's wilcox.test.
 *
 * @throws {RangeError} an empty sample
 * @see Mann & Whitney (1947); Hodges & Lehmann (1963); Bauer (1972) for the interval
 */
export function mannWhitney(
  x: readonly number[],
  y: readonly number[],
  { method, confidence = 0.95, continuity = true }: MannWhitneyOptions,
): MannWhitney {
  if (x.length === 0 || y.length === 0) throw new RangeError('both samples need values');
  const u = rankSum(x, y).rankSum - (x.length * (x.length + 1)) / 2;
  const tail = (1 - confidence) / 2;
  return { u, ...(method === 'exact' ? exact(x, y, u, tail) : normal(x, y, tail, continuity)) };
}

function exact(x: readonly number[], y: readonly number[], u: number, tail: number): Omit<MannWhitney, 'u'> {
  const pairs = x.length * y.length;
  const cumulative = mannWhitneyCumulative(x.length, y.length);
  const atMost = (value: number): number => (value < 0 ? 0 : (cumulative[value] as number));
  const atLeastU = atMost(pairs - u); // symmetric
  const pTwoSided = Math.min(1, 2 * Math.min(atLeastU, atMost(u)));
  const critical = Math.max(
    1,
    cumulative.findIndex((chance) => chance >= tail),
  );
  const [first, second] = [sortedSample(x), sortedSample(y)];
  const interval = { low: kthDifference(first, second, critical), high: kthDifference(first, second, pairs - critical + 1) };
  return { pTwoSided, pGreater: atLeastU, interval };
}

function normal(x: readonly number[], y: readonly number[], tail: number, continuity: boolean): Omit<MannWhitney, 'u'> {
  const correction = continuity ? 'sign' : 'none';
  const twoSided = mannWhitneyScore(x, y, correction);
  const greater = mannWhitneyScore(x, y, continuity ? 'greater' : 'none');
  const z = normalQuantile(1 - tail);
  const [low, high] = shiftRoots(x, y, [z, -z], { continuity: correction, tolerance: 1e-12 }) as [number, number];
  return {
    pTwoSided: 2 * normalCdf(-Math.abs(twoSided)),
    pGreater: normalCdf(-greater),
    interval: { low, high },
  };
}
