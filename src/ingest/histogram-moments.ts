import type { Histogram } from '../statistics/index.js';

/** Sum and sum of squares of many values. */
export interface HistogramMoments {
  readonly sum: number;
  readonly sumOfSquares: number;
}

/**
 * Estimates from the middle of each bucket, because OTLP histograms carry no squares, and not always a sum.
 *
 * Good to half a bucket's width; the unbounded bucket counts as its lower bound.
 */
export function histogramMoments(histogram: Histogram): HistogramMoments {
  const middles = histogram.kind === 'explicit' ? explicitMiddles(histogram.bounds) : null;
  const middleOf = (index: number): number =>
    histogram.kind === 'explicit' ? (middles?.[index] ?? 0) : 2 ** ((histogram.offset + index + 0.5) / 2 ** histogram.scale);
  let [sum, sumOfSquares] = [0, 0];
  histogram.counts.forEach((count, index) => {
    if (count === 0) return;
    const middle = middleOf(index);
    sum += count * middle;
    sumOfSquares += count * middle * middle;
  });
  return { sum, sumOfSquares };
}

function explicitMiddles(bounds: readonly number[]): number[] {
  const [first = 0] = bounds;
  const lower = [Math.min(0, first), ...bounds];
  return lower.map((low, index) => (low + (bounds[index] ?? low)) / 2);
}
