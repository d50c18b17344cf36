import type { ExplicitHistogram, ExponentialHistogram, Histogram } from './histogram.js';
import { histogramCount } from './histogram-count.js';
import { upperBound } from './upper-bound.js';

/**
 * Estimate of the value that a share p of the observations stay at or below.
 *
 * Inside a bucket the observations are taken as evenly spread: in the logarithm for exponential buckets, linearly for
 * explicit ones. The first explicit bucket is taken to begin at 0 (at its bound where that is negative), and the
 * unbounded last one to be at its lower bound.
 *
 * @param p      in [0, 1]
 * @param count  its observations, for a caller that knows them
 * @returns null where nothing was observed, or an explicit histogram has no bounds
 * @throws {RangeError} p outside [0, 1] or NaN
 */
export function histogramQuantile(histogram: Histogram, p: number, count: number = histogramCount(histogram)): number | null {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], got ${p}`);
  if (count === 0) return null;
  const rank = p * count;
  return histogram.kind === 'exponential' ? exponentialQuantile(histogram, rank, count) : explicitQuantile(histogram, rank, count);
}

function exponentialQuantile({ counts, offset, scale, zeroCount }: ExponentialHistogram, rank: number, count: number): number {
  if (zeroCount > 0 && rank <= zeroCount) return 0;
  const { bucket, share } = bucketOfRank(counts, rank - zeroCount, count - zeroCount);
  return upperBound(offset + bucket - 1 + share, scale);
}

function explicitQuantile({ counts, bounds }: ExplicitHistogram, rank: number, count: number): number | null {
  const { bucket, share } = bucketOfRank(counts, rank, count);
  const above = bounds[bucket];
  const below = bounds[bucket - 1];
  if (above === undefined) return below ?? null;
  const low = below ?? Math.min(0, above);
  return low + share * (above - low);
}

/** First non-empty bucket in which the running count reaches the rank, and how far into it, 0 to 1; looked for from the nearer end. */
function bucketOfRank(counts: readonly number[], rank: number, total: number): { bucket: number; share: number } {
  return 2 * rank > total ? fromTheTop(counts, rank, total) : fromTheBottom(counts, rank);
}

function fromTheBottom(counts: readonly number[], rank: number): { bucket: number; share: number } {
  let before = 0;
  let last = { bucket: 0, share: 1 };
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket] as number;
    if (count === 0) continue;
    if (before + count >= rank) return { bucket, share: Math.max(0, (rank - before) / count) };
    before += count;
    last = { bucket, share: 1 };
  }
  return last;
}

function fromTheTop(counts: readonly number[], rank: number, total: number): { bucket: number; share: number } {
  let upTo = total;
  for (let bucket = counts.length - 1; bucket >= 0; bucket--) {
    const count = counts[bucket] as number;
    const before = upTo - count;
    if (count > 0 && before < rank) return { bucket, share: Math.min(1, (rank - before) / count) };
    upTo = before;
  }
  return { bucket: 0, share: 1 };
}
