import { type Histogram, HistogramSum, histogramCount, histogramQuantile } from '../statistics/index.js';

/** Windows remembered: between one and two blocks of this many, so that the reference follows a daily cycle. */
const block = 20;

/** A percentile needs this many observations beyond it to be a useful reference. */
const observationsBeyond = 5;

/**
 * The baseline's p-quantile that each window may assume, from the windows before it and never from itself.
 * The exceedance test is exact for whatever value this gives; a good prediction only makes it the right percentile.
 *
 * @param history  baseline of each window, oldest first; null where it had none
 * @param p        in (0, 1)
 * @returns one value per window in the histogram's unit; null until enough was seen
 */
export function predictableReference(history: readonly (Histogram | null)[], p: number): (number | null)[] {
  const enough = observationsBeyond / Math.min(p, 1 - p);
  let [known, newer] = [new HistogramSum(), new HistogramSum()];
  let inBlock = 0;
  return history.map((window) => {
    const past = known.soFar();
    const reference = past && histogramCount(past) >= enough ? histogramQuantile(past, p) : null;
    if (window && past && window.kind !== past.kind) [known, newer, inBlock] = [new HistogramSum(), new HistogramSum(), 0]; // other buckets: begin again
    if (window) {
      known.add(window);
      newer.add(window);
      inBlock += 1;
      if (inBlock === block) [known, newer, inBlock] = [newer, new HistogramSum(), 0];
    }
    return reference;
  });
}
