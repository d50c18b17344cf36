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
  const wanted = margin.ratio * baselineThreshold + margin.offset;
  const canaryThreshold = snapToBound(canary, wanted, side === 'harm' ? 'up' : 'down');
  return {
    canaryTotal: histogramCount(canary),
    canaryEvents: countAbove(canary, canaryThreshold),
    baselineTotal: histogramCount(baseline),
    baselineEvents: countAbove(baseline, baselineThreshold),
    baselineThreshold,
    canaryThreshold,
    ratioAfterSnapping: canaryThreshold / baselineThreshold,
  };
}
