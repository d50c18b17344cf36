import { exponentialIndex } from './exponential-index.js';
import type { Histogram } from './histogram.js';

/**
 * Position in `counts` of the first bucket that lies wholly above an edge; -1 where the zero bucket does too.
 *
 * @param bound  an edge of this histogram; between two edges the upper one counts
 */
export function firstBucketAbove(histogram: Histogram, bound: number): number {
  if (bound === Infinity) return histogram.counts.length;
  if (histogram.kind === 'exponential') {
    if (bound <= 0) return bound < 0 ? -1 : 0;
    const first = exponentialIndex(bound, histogram.scale) + 1 - histogram.offset;
    return Math.min(Math.max(0, first), histogram.counts.length);
  }
  if (bound === -Infinity) return 0;
  const edge = histogram.bounds.findIndex((upper) => upper >= bound);
  return edge === -1 ? histogram.bounds.length : edge + 1;
}
