import type { AffineMargin } from '../betting/affine-margin.js';
import type { TwoMeansWindow } from './stratified-means.js';

/**
 * How much further than any other the one window lies that speaks loudest for harm: with this much taken off an estimate no single
 * window decides, however far out, as it counts for no more than the next.
 *
 * It only ever lowers the evidence for harm, so that stays valid; a harm that lasts costs it next to nothing.
 */
export class LoudestWindow {
  private information = 0;
  /** weighted distance beyond the margin, ≥ 0 */
  private loudest = 0;
  private next = 0;

  /** @param margin  fixed before the data */
  constructor(private readonly margin: AffineMargin) {}

  /** A window in which a cohort has fewer than two observations is skipped. */
  add({ canary, baseline }: TwoMeansWindow): void {
    if (!(canary.count >= 2 && baseline.count >= 2)) return;
    const { ratio, offset } = this.margin;
    const weight = (canary.count * baseline.count) / (canary.count + baseline.count);
    this.information += weight;
    const beyond = weight * (canary.mean - ratio * baseline.mean - offset);
    this.next = Math.max(this.next, Math.min(this.loudest, beyond));
    this.loudest = Math.max(this.loudest, beyond);
  }

  /** ≥ 0, in the unit of the mean: how much lower the estimate is if that window were like the next */
  discount(): number {
    return this.information > 0 ? (this.loudest - this.next) / this.information : 0;
  }
}
