import { countAbove } from './count-above.js';
import type { Histogram } from './histogram.js';
import { histogramCount } from './histogram-count.js';
import { histogramQuantile } from './histogram-quantile.js';
import { snapToBound } from './snap-to-bound.js';

/** How much of one part of a distribution lies above percentiles of the whole. */
export interface Tail {
  readonly total: number;
  /** observations above each percentile, in the order asked for */
  readonly above: readonly number[];
}

/**
 * How unevenly the tail of a distribution is spread over its parts: for each of them, what lies above the percentiles of all together.
 *
 * Percentiles are moved to the nearest bucket bound of the whole, and from there to the nearest of the part.
 *
 * @param parts  by name; all of the kind of the whole
 * @param at     in (0, 1)
 */
export function tailsOfParts(whole: Histogram, parts: ReadonlyMap<string, Histogram>, at: readonly number[]): Record<string, Tail> {
  const bounds = histogramCount(whole) === 0 ? [] : at.map((p) => snapToBound(whole, histogramQuantile(whole, p) ?? 0, 'nearest'));
  const tailOf = (part: Histogram): Tail => ({
    total: histogramCount(part),
    above: bounds.map((bound) => countAbove(part, snapToBound(part, bound, 'nearest'))),
  });
  return Object.fromEntries([...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, tailOf(part)]));
}
