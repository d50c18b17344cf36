import type { Histogram } from './histogram.js';

/** Nothing was observed. */
export const isEmptyHistogram = (histogram: Histogram): boolean =>
  !(histogram.kind === 'exponential' && histogram.zeroCount > 0) && !histogram.counts.some((count) => count > 0);

/** Number of observations. */
export function histogramCount(histogram: Histogram): number {
  let count = histogram.kind === 'exponential' ? histogram.zeroCount : 0;
  for (const bucket of histogram.counts) count += bucket;
  return count;
}
