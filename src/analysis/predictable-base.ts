import type { Counts } from '../domain/index.js';
import type { AffineMargin } from '../statistics/index.js';

/** Below this rate a base of 0 loses nothing (statistics §B.3). */
const rare = 0.05;

/**
 * The baseline rate that each window may assume, known from the windows before it: 0 for rare events.
 * Validity never depends on it, power does.
 *
 * @param counts   baseline of each window, oldest first
 * @param history  baseline windows from before the run
 * @returns one rate in [0, 1) per window, such that the margin at this rate stays below 1
 */
export function predictableBase(counts: readonly Counts[], margin: AffineMargin, history: readonly Counts[]): number[] {
  let total = history.reduce((sum, window) => sum + window.total, 0);
  let events = history.reduce((sum, window) => sum + window.events, 0);
  return counts.map((window) => {
    const past = total > 0 ? events / total : 0;
    total += window.total;
    events += window.events;
    if (past < rare) return 0;
    const highest = (0.99 - margin.offset) / margin.ratio;
    return Math.max(0, Math.min(past, highest));
  });
}
