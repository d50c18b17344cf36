import { countAbove } from '../histograms/count-above.js';
import type { Histogram } from '../histograms/histogram.js';
import { histogramCount } from '../histograms/histogram-count.js';
import { snapToBound } from '../histograms/snap-to-bound.js';
import type { AffineMargin, Side } from './affine-margin.js';

export interface Exceedance {
  readonly canaryTotal: number;
  /** canary observations above `canaryThreshold` */
  readonly canaryEvents: number;
  readonly baselineTotal: number;
  /** baseline observations above `baselineThreshold` */
  readonly baselineEvents: number;
  /** the reference, moved to the nearest bucket edge of the baseline */
  readonly baselineThreshold: number;
  /** ratio · baselineThreshold + offset, moved to a bucket edge of the canary to the conservative side */
  readonly canaryThreshold: number;
  /** canaryThreshold / baselineThreshold: the ratio that is tested; Infinity where the buckets end before it */
  readonly ratioAfterSnapping: number;
}

/**
 * Turns "is the canary's percentile within the margin" into counts for {@link bet2} at ratio 1, offset 0.
 *
 * The baseline is counted above the reference, the canary above the margin of it. Where the canary's percentile is at
 * the margin both proportions are equal. Bucket edges that miss the margin err to the side that proves less.
 *
 * @param reference  the baseline's percentile, guessed from history or from earlier windows, never from this one
 * @param margin     offset in the histograms' unit
 * @see docs/statistics.md, percentiles
 */
export function exceedance(request: {
  readonly baseline: Histogram;
  readonly canary: Histogram;
  readonly reference: number;
  readonly margin: AffineMargin;
  readonly side: Side;
}): Exceedance {
  const { baseline, canary, reference, margin, side } = request;
  const baselineThreshold = snapToBound(baseline, reference, 'nearest');
  const threshold = canaryThreshold(canary, baselineThreshold, margin, side);
  return {
    canaryTotal: histogramCount(canary),
    canaryEvents: countAbove(canary, threshold),
    baselineTotal: histogramCount(baseline),
    baselineEvents: countAbove(baseline, baselineThreshold),
    baselineThreshold,
    canaryThreshold: threshold,
    ratioAfterSnapping: threshold / baselineThreshold,
  };
}

/**
 * ratio · baselineThreshold + offset, moved to a bucket edge of the canary to the side that proves less.
 *
 * @returns in the histogram's unit; Infinity where the buckets end before it
 * @see docs/statistics.md, percentiles
 */
export const canaryThreshold = (canary: Histogram, baselineThreshold: number, { ratio, offset }: AffineMargin, side: Side): number =>
  snapToBound(canary, ratio * baselineThreshold + offset, side === 'harm' ? 'up' : 'down');
