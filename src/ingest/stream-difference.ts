import { downscale, type ExponentialHistogram, type Histogram } from '../statistics/index.js';
import type { PointValue } from './observation-batch.js';

/**
 * What a cumulative stream counted between two of its values.
 *
 * A value that fell means that the stream began again: then all of the later value is new (as in Prometheus).
 *
 * @returns null: the two cannot be compared, because the bounds of a histogram changed
 */
export function streamDifference(earlier: PointValue, later: PointValue): PointValue | null {
  if (later.kind === 'gauge' || earlier.kind !== later.kind) return null;
  if (later.kind === 'sum' && earlier.kind === 'sum') {
    return later.value < earlier.value ? later : { kind: 'sum', value: later.value - earlier.value };
  }
  if (later.kind !== 'histogram' || earlier.kind !== 'histogram') return null;
  const comparable = onOneScale(earlier.histogram, later.histogram);
  if (comparable === null) return null;
  const histogram = bucketDifference(...comparable);
  return histogram === null ? later : { kind: 'histogram', histogram, sum: later.sum - earlier.sum };
}

function onOneScale(earlier: Histogram, later: Histogram): [Histogram, Histogram] | null {
  if (earlier.kind === 'exponential' && later.kind === 'exponential') {
    const scale = Math.min(earlier.scale, later.scale);
    return [downscale(earlier, scale), downscale(later, scale)];
  }
  if (earlier.kind !== 'explicit' || later.kind !== 'explicit') return null;
  const same = earlier.bounds.length === later.bounds.length && earlier.bounds.every((bound, index) => bound === later.bounds[index]);
  return same ? [earlier, later] : null;
}

/** @returns null where a bucket fell */
function bucketDifference(earlier: Histogram, later: Histogram): Histogram | null {
  if (earlier.kind === 'explicit' || later.kind === 'explicit') {
    const counts = later.counts.map((count, index) => count - (earlier.counts[index] as number));
    return counts.some((count) => count < 0) ? null : ({ ...later, counts } as Histogram);
  }
  return exponentialDifference(earlier, later);
}

function exponentialDifference(earlier: ExponentialHistogram, later: ExponentialHistogram): ExponentialHistogram | null {
  const zeroCount = later.zeroCount - earlier.zeroCount;
  const counts = later.counts.map((count, index) => count - countAt(earlier, later.offset + index));
  const hidden = earlier.counts.some((count, index) => count > 0 && countAt(later, earlier.offset + index) === 0);
  if (zeroCount < 0 || hidden || counts.some((count) => count < 0)) return null;
  return { ...later, zeroCount, counts };
}

const countAt = ({ offset, counts }: ExponentialHistogram, index: number): number => counts[index - offset] ?? 0;
