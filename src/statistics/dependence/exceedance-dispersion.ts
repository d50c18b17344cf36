import { countAbove } from '../histograms/count-above.js';
import type { Histogram } from '../histograms/histogram.js';
import { snapToBound } from '../histograms/snap-to-bound.js';
import { PastDispersion } from './past-dispersion.js';
import { eventDifference } from './predictable-phi.js';

/** One cohort's distribution in one window, counted above a threshold that was known before it. */
export interface ExceedanceWindow {
  /** null: nothing was seen, or there was no threshold yet */
  readonly histogram: Histogram | null;
  /** in the histogram's unit */
  readonly threshold: number;
  readonly total: number;
  /** of these, how many lie above the threshold */
  readonly above: number;
}

/**
 * Dispersion of the share above a threshold that moves: neighbours are compared above one and the same, that of the later window.
 * Otherwise each step of the threshold to another bucket would look like a burst (measured: φ 1.4 instead of 1.0 at the median).
 */
export const exceedanceDispersion = (): PastDispersion<ExceedanceWindow> =>
  new PastDispersion<ExceedanceWindow>({
    teaches: ({ histogram, total }) => histogram !== null && total > 0,
    compare: (earlier, later) =>
      eventDifference({ total: earlier.total, events: aboveThresholdOf(later, earlier) }, { total: later.total, events: later.above }),
  });

function aboveThresholdOf({ threshold }: ExceedanceWindow, earlier: ExceedanceWindow): number {
  if (earlier.threshold === threshold || earlier.histogram === null) return earlier.above;
  return countAbove(earlier.histogram, snapToBound(earlier.histogram, threshold, 'nearest'));
}
