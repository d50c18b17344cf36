import type { Moments } from './stratified-means.js';

/**
 * How heavy the tails of single values are, from nothing but the variances of windows: heavy tails make these jump.
 *
 * Compares neighbouring windows, so a variance that drifts is not taken for a tail. A short sample misses the rarest values, so the
 * estimate is too low for the heaviest tails, and never enough to prove that there are none.
 */
export class ExcessKurtosis {
  private previous: Moments | null = null;
  private differences = 0;
  /** Σ 1/(n − 1) and Σ 1/n over both windows of each pair */
  private byChance = 0;
  private perObservation = 0;
  private squares = 0;
  private freedom = 0;

  /** The next window; one with fewer than two observations teaches nothing. */
  add(window: Moments): void {
    if (!(window.count >= 2)) return;
    this.squares += window.variance * (window.count - 1);
    this.freedom += window.count - 1;
    const { previous } = this;
    this.previous = window;
    if (previous === null) return;
    this.differences += (window.variance - previous.variance) ** 2;
    this.byChance += 1 / (window.count - 1) + 1 / (previous.count - 1);
    this.perObservation += 1 / window.count + 1 / previous.count;
  }

  /** 0 for normal values, 111 for log-normal ones of σ = 1; 0 while nothing is known. */
  estimate(): number {
    const variance = this.freedom > 0 ? this.squares / this.freedom : 0;
    if (!(variance > 0 && this.perObservation > 0)) return 0;
    return (this.differences / variance ** 2 - 2 * this.byChance) / this.perObservation;
  }
}
