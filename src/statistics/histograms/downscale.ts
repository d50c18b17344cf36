import type { ExponentialHistogram } from './histogram.js';

/**
 * The same observations in coarser buckets: each step of scale joins two neighbours.
 *
 * @param scale  at most the histogram's own
 * @throws {RangeError} a finer scale was asked for
 */
export function downscale(histogram: ExponentialHistogram, scale: number): ExponentialHistogram {
  const steps = histogram.scale - scale;
  if (!(steps >= 0)) throw new RangeError(`cannot refine scale ${histogram.scale} to ${scale}`);
  if (steps === 0) return histogram;

  const width = 2 ** steps;
  const offset = Math.floor(histogram.offset / width);
  const last = Math.floor((histogram.offset + histogram.counts.length - 1) / width);
  const counts = new Array<number>(Math.max(0, last - offset + 1)).fill(0);
  histogram.counts.forEach((count, i) => {
    const index = Math.floor((histogram.offset + i) / width) - offset;
    counts[index] = (counts[index] as number) + count;
  });
  return { kind: 'exponential', scale, zeroCount: histogram.zeroCount, offset, counts };
}
