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
 * @param p  in [0, 1]
 * @returns null where nothing was observed, or an explicit histogram has no bounds
 * @throws {RangeError} p outside [0, 1] or NaN
 */
export function histogramQuantile(histogram: Histogram, p: number): number | null {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], got ${p}`);
  const count = histogramCount(histogram);
  if (count === 0) return null;
  const rank = p * count;
  return histogram.kind === 'exponential' ? exponentialQuantile(histogram, rank) : explicitQuantile(histogram, rank);
}

function exponentialQuantile({ counts, offset, scale, zeroCount }: ExponentialHistogram, rank: number): number {
  if (zeroCount > 0 && rank <= zeroCount) return 0;
  const { bucket, share } = bucketOfRank(counts, rank - zeroCount);
  return upperBound(offset + bucket - 1 + share, scale);
}

function explicitQuantile({ counts, bounds }: ExplicitHistogram, rank: number): number | null {
  const { bucket, share } = bucketOfRank(counts, rank);
  const above = bounds[bucket];
  const below = bounds[bucket - 1];
  if (above === undefined) return below ?? null;
  const low = below ?? Math.min(0, above);
  return low + share * (above - low);
}

/** First non-empty bucket in which the running count reaches the rank, and how far into it, 0 to 1. */
function bucketOfRank(counts: readonly number[], rank: number): { bucket: number; share: number } {
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
