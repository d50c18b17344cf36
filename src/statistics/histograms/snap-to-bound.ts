import { exponentialIndex } from './exponential-index.js';
import type { Histogram } from './histogram.js';
import { upperBound } from './upper-bound.js';

/**
 * A bucket edge next to x: the nearest, the next one at or above, or the next one at or below.
 *
 * @param x  same unit as the histogram
 * @throws {RangeError} x is NaN
 * @returns -Infinity or Infinity where an explicit histogram has no edge on that side; 0 for an exponential one at x ≤ 0
 */
export function snapToBound(histogram: Histogram, x: number, direction: 'nearest' | 'up' | 'down'): number {
  if (Number.isNaN(x)) throw new RangeError('x must be a number');
  const [below, above] = histogram.kind === 'exponential' ? exponentialEdges(x, histogram.scale) : explicitEdges(x, histogram.bounds);
  if (direction === 'up') return above;
  if (direction === 'down') return below;
  return above - x < x - below || below === -Infinity ? above : below;
}

function exponentialEdges(x: number, scale: number): [number, number] {
  if (x <= 0) return [0, 0];
  if (x === Infinity) return [x, x];
  const index = exponentialIndex(x, scale);
  const above = upperBound(index, scale);
  return above === x ? [x, x] : [upperBound(index - 1, scale), above];
}

function explicitEdges(x: number, bounds: readonly number[]): [number, number] {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] as number) >= x) high = middle;
    else low = middle + 1;
  }
  const above = bounds[low] ?? Infinity;
  return above === x ? [x, x] : [bounds[low - 1] ?? -Infinity, above];
}
