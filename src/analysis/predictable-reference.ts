import { type Histogram, HistogramSum, histogramQuantile } from '../statistics/index.js';

/** Windows remembered: between one and two blocks of this many, so that the reference follows a daily cycle. */
const block = 20;

/** A percentile needs this many observations beyond it to be a useful reference. */
const observationsBeyond = 5;

/**
 * The baseline's percentiles that the next window may assume, from the windows before it and never from itself.
 * The exceedance test is exact for whatever value this gives; a good prediction only makes it the right percentile.
 */
export class PredictableReference {
  private known = new HistogramSum();
  private newer = new HistogramSum();
  private inBlock = 0;

  /** @param window  the next one of the baseline; null where it had none */
  learn(window: Histogram | null): void {
    if (window === null) return;
    const past = this.known.soFar();
    if (past && window.kind !== past.kind) [this.known, this.newer, this.inBlock] = [new HistogramSum(), new HistogramSum(), 0]; // other buckets: begin again
    this.known.add(window);
    this.newer.add(window);
    this.inBlock += 1;
    if (this.inBlock === block) [this.known, this.newer, this.inBlock] = [this.newer, new HistogramSum(), 0];
  }

  /** @param p  in (0, 1). @returns in the histogram's unit; null until enough was seen */
  percentile(p: number): number | null {
    const past = this.known.soFar();
    const enough = observationsBeyond / Math.min(p, 1 - p);
    const count = this.known.count();
    return past && count >= enough ? histogramQuantile(past, p, count) : null;
  }
}
