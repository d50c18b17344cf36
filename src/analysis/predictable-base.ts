import type { Counts } from '../domain/index.js';
import type { AffineMargin, TwoArmWindow } from '../statistics/index.js';

/** Below this rate a base of 0 loses nothing (statistics §B.3). */
const rare = 0.05;

/**
 * The baseline rate that the next window may assume, from the windows before it: 0 for rare events.
 * Validity never depends on it, power does.
 */
export class PredictableBase {
  private total = 0;
  private events = 0;

  /** @param history  baseline windows from before the run */
  constructor(history: readonly Counts[]) {
    for (const window of history) this.learn(window);
  }

  learn({ total, events }: Counts): void {
    this.total += total;
    this.events += events;
  }

  /** In [0, 1]. */
  guess(): number {
    return PredictableBase.from(this.total > 0 ? this.events / this.total : 0);
  }

  /** The base for a rate that was so in the past. */
  static from(past: number): number {
    return past < rare ? 0 : past;
  }

  /** The window with a base such that the margin at this rate stays below 1. */
  static within(window: TwoArmWindow, margin: AffineMargin): TwoArmWindow {
    const highest = PredictableBase.highest(margin);
    return window.base <= highest ? window : { ...window, base: highest };
  }

  /** The largest such base. */
  static highest({ ratio, offset }: AffineMargin): number {
    return Math.max(0, (0.99 - offset) / ratio);
  }
}
