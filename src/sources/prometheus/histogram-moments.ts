import type { Sample } from '../../domain/index.js';
import { type Histogram, histogramCount, upperBound } from '../../statistics/index.js';

interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/**
 * Count, mean and variance of what a histogram holds. The variance is that of values spread evenly within each bucket; values
 * above the last bound of a classic histogram are taken as if they were at that bound.
 *
 * @param sum  exact sum of the values, in their unit; null: the mean is estimated from the buckets
 */
export function momentsOf(histogram: Histogram, sum: number | null): Sample {
  const count = histogramCount(histogram);
  if (count === 0) return { kind: 'moments', count: 0, mean: 0, variance: 0 };
  const buckets = bucketsOf(histogram);
  const centre = buckets.reduce((total, { low, high, count: n }) => total + (n * (low + high)) / 2, 0) / count;
  const squares = buckets.reduce(
    (total, { low, high, count: n }) => total + n * (((low + high) / 2 - centre) ** 2 + (high - low) ** 2 / 12),
    0,
  );
  return { kind: 'moments', count, mean: sum === null ? centre : sum / count, variance: count < 2 ? 0 : squares / (count - 1) };
}

function bucketsOf(histogram: Histogram): Bucket[] {
  if (histogram.kind === 'exponential') {
    const { scale, offset, counts, zeroCount } = histogram;
    const positive = counts.map((count, i) => ({ low: upperBound(offset + i - 1, scale), high: upperBound(offset + i, scale), count }));
    return [{ low: 0, high: 0, count: zeroCount }, ...positive];
  }
  const { bounds, counts } = histogram;
  return counts.map((count, i) => {
    const high = bounds[i] ?? bounds.at(-1) ?? 0;
    return { low: i === bounds.length ? high : (bounds[i - 1] ?? Math.min(0, high)), high, count };
  });
}
