import type { Histogram } from '../histograms/histogram.js';
import { histogramCount } from '../histograms/histogram-count.js';
import { upperBound } from '../histograms/upper-bound.js';
import type { Interval } from '../interval.js';
import { rankInterval } from './rank-interval.js';

/**
 * Bounds of a quantile that hold at every number of observations, from buckets: the outer edges of the buckets that hold
 * the bounding observations.
 *
 * Assumptions as for {@link sampleQuantileBounds}: independent observations of one distribution.
 *
 * @param p          in (0, 1)
 * @param alpha      chance that the truth is outside at any number of observations, in (0, 1)
 * @param bestCount  number of observations at which the bounds are tightest; fixed before the data
 * @returns in the histogram's unit; infinite on a side where the observations end before the bound, or their bucket is unbounded
 */
export function histogramQuantileBounds(histogram: Histogram, p: number, alpha: number, bestCount: number): Interval {
  const count = histogramCount(histogram);
  if (count === 0) return { low: -Infinity, high: Infinity };
  const { low, high } = rankInterval(count, p, alpha, bestCount);
  return {
    low: low === 0 ? -Infinity : bucketOf(histogram, low).low,
    high: high === count ? Infinity : bucketOf(histogram, high + 1).high,
  };
}

/** Edges of the bucket that holds the observation of this rank, 1 being the smallest. */
function bucketOf(histogram: Histogram, rank: number): Interval {
  let below = histogram.kind === 'exponential' ? histogram.zeroCount : 0;
  if (rank <= below) return { low: 0, high: 0 };
  const bucket = histogram.counts.findIndex((count) => {
    below += count;
    return below >= rank;
  });
  if (histogram.kind === 'explicit') return { low: histogram.bounds[bucket - 1] ?? -Infinity, high: histogram.bounds[bucket] ?? Infinity };
  const index = histogram.offset + bucket;
  return { low: upperBound(index - 1, histogram.scale), high: upperBound(index, histogram.scale) };
}
