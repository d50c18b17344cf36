import { downscale } from './downscale.js';
import type { ExplicitHistogram, ExponentialHistogram, Histogram } from './histogram.js';

/** Wider histograms are made coarser: 1024 buckets at scale 5 span nine orders of magnitude. */
const mostBuckets = 1024;

/**
 * Observations of both, in the finest buckets that both can be told in.
 *
 * Exponential: the smaller scale, and smaller still where the range would need more than 1024 buckets.
 * Explicit with unlike bounds: the bounds that both have.
 *
 * @throws {RangeError} one is exponential and the other explicit
 */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  if (a.kind === 'exponential' && b.kind === 'exponential') return mergeExponential(a, b);
  if (a.kind === 'explicit' && b.kind === 'explicit') return mergeExplicit(a, b);
  throw new RangeError('an exponential and an explicit histogram have no buckets in common');
}

function mergeExponential(a: ExponentialHistogram, b: ExponentialHistogram): ExponentialHistogram {
  let scale = Math.min(a.scale, b.scale);
  while (bucketsTogether(a, b, scale) > mostBuckets) scale--;
  const parts = [downscale(a, scale), downscale(b, scale)].filter((part) => part.counts.length > 0);
  const offset = parts.length > 0 ? Math.min(...parts.map((part) => part.offset)) : 0;
  const end = parts.length > 0 ? Math.max(...parts.map((part) => part.offset + part.counts.length)) : 0;
  const counts = new Array<number>(end - offset).fill(0);
  for (const part of parts) {
    part.counts.forEach((count, i) => {
      const index = part.offset - offset + i;
      counts[index] = (counts[index] as number) + count;
    });
  }
  return { kind: 'exponential', scale, zeroCount: a.zeroCount + b.zeroCount, offset, counts };
}

function bucketsTogether(a: ExponentialHistogram, b: ExponentialHistogram, scale: number): number {
  const filled = [a, b].filter((part) => part.counts.length > 0);
  const lows = filled.map((part) => Math.floor(part.offset / 2 ** (part.scale - scale)));
  const highs = filled.map((part) => Math.floor((part.offset + part.counts.length - 1) / 2 ** (part.scale - scale)));
  return filled.length === 0 ? 0 : Math.max(...highs) - Math.min(...lows) + 1;
}

function mergeExplicit(a: ExplicitHistogram, b: ExplicitHistogram): ExplicitHistogram {
  const known = new Set(b.bounds);
  const bounds = a.bounds.filter((bound) => known.has(bound));
  const first = coarsened(a, bounds);
  const second = coarsened(b, bounds);
  return { kind: 'explicit', bounds, counts: first.map((count, i) => count + (second[i] as number)) };
}

function coarsened(histogram: ExplicitHistogram, bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let target = 0;
  histogram.counts.forEach((count, i) => {
    while (target < bounds.length && (histogram.bounds[i] ?? Infinity) > (bounds[target] as number)) target++;
    counts[target] = (counts[target] as number) + count;
  });
  return counts;
}
