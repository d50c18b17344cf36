import type { Histogram } from './histogram.js';

/** Number of observations. */
export function histogramCount(histogram: Histogram): number {
  let count = histogram.kind === 'exponential' ? histogram.zeroCount : 0;
  for (const bucket of histogram.counts) count += bucket;
  return count;
}
