import { type AffineMargin, type AssumedProportions, betGrowth } from '../statistics/index.js';

/**
 * How fast evidence for safety grows if the canary is as good as the baseline, in nats per canary observation that comes by itself.
 *
 * @param truth   proportions of both cohorts in that case
 * @param kappa   canary observations per baseline observation
 * @param base    baseline proportion that the bets guess
 * @param margin  of the safe side
 * @returns null where it does not grow, or nothing was seen yet
 */
export function healthyGrowth(truth: AssumedProportions, kappa: number, base: number, margin: AffineMargin): number | null {
  if (!(kappa > 0 && kappa < Infinity) || margin.offset >= 1) return null;
  const growth = Math.max(...betGrowth(truth, { kappa, base, margin, side: 'safe' }).mean);
  return growth > 0 ? growth : null;
}
