import type { ExponentialHistogram } from '../../statistics/index.js';
import type { HistogramIncrease } from './cumulative-histogram.js';
import type { NativeHistogram } from './native-histogram.js';
import type { TableSeries } from './series-table.js';
import { podOf, type Track } from './track.js';

export const emptyNative: NativeHistogram = { count: 0, sum: 0, zeroCount: 0, scale: 20, buckets: new Map() };

/** More buckets than any real distribution needs; a finer one is made coarser. */
const mostBuckets = 4096;

export function nativeTracks(series: readonly TableSeries[], podLabel: string | null): Track<NativeHistogram>[] {
  return series.map(({ labels, values }) => {
    const poisoned = new Set<number>();
    const points = values.map((value, column) => {
      if (typeof value !== 'number') return value;
      poisoned.add(column);
      return null;
    });
    return { pod: podOf(labels, podLabel), points, poisoned };
  });
}

/** What was observed between two moments, bucket by bucket. If the count or any bucket fell, the process started again. */
export function nativeIncrease(before: NativeHistogram, after: NativeHistogram): HistogramIncrease {
  const scale = Math.min(before.scale, fittingScale(after));
  const earlier = coarser(before, scale);
  const later = coarser(after, scale);
  const fell = (index: number): boolean => (later.get(index) ?? 0) < (earlier.get(index) ?? 0);
  const restarted = after.count < before.count || after.zeroCount < before.zeroCount || [...earlier.keys()].some(fell);
  const from = (count: number): number => (restarted ? 0 : count);
  let mended = 0;
  const whole = (increase: number): number => {
    if (!Number.isInteger(increase)) mended += 1;
    return Math.floor(increase);
  };
  const increases = [...later].map(([index, count]) => [index, whole(count - from(earlier.get(index) ?? 0))] as const);
  const zeroCount = whole(after.zeroCount - from(before.zeroCount));
  const sum = after.sum - from(before.sum);
  return {
    histogram: dense(
      scale,
      zeroCount,
      increases.filter(([, count]) => count > 0),
    ),
    sum: Number.isFinite(sum) ? sum : null,
    mended,
  };
}

function fittingScale({ scale, buckets }: NativeHistogram): number {
  const indices = [...buckets.keys()];
  const span = Math.max(...indices) - Math.min(...indices);
  return span >= mostBuckets ? scale - Math.ceil(Math.log2((span + 1) / mostBuckets)) : scale;
}

/** Bucket i of one scale is inside bucket i >> 1 of the next coarser one. */
function coarser({ buckets, scale }: NativeHistogram, wanted: number): Map<number, number> {
  const found = new Map<number, number>();
  for (const [index, count] of buckets) {
    const place = Math.floor(index / 2 ** (scale - wanted));
    found.set(place, (found.get(place) ?? 0) + count);
  }
  return found;
}

function dense(scale: number, zeroCount: number, increases: readonly (readonly [number, number])[]): ExponentialHistogram {
  if (increases.length === 0) return { kind: 'exponential', scale, zeroCount, offset: 0, counts: [] };
  const offset = Math.min(...increases.map(([index]) => index));
  const counts = new Array<number>(Math.max(...increases.map(([index]) => index)) - offset + 1).fill(0);
  for (const [index, count] of increases) counts[index - offset] = count;
  return { kind: 'exponential', scale, zeroCount, offset, counts };
}
