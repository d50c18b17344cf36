import { firstBucketAbove } from './first-bucket-above.js';
import type { Histogram } from './histogram.js';

/**
 * Number of observations above a bucket edge, exactly.
 *
 * @param bound  an edge of this histogram, as snapToBound gives; between two edges the upper one counts
 */
export function countAbove(histogram: Histogram, bound: number): number {
  const first = firstBucketAbove(histogram, bound);
  let count = first === -1 && histogram.kind === 'exponential' ? histogram.zeroCount : 0;
  for (let i = Math.max(0, first); i < histogram.counts.length; i++) count += histogram.counts[i] as number;
  return count;
}
