import type { AffineMargin, Side } from './affine-margin.js';
import type { BetOptions } from './bet2.js';
import { bet2PoissonIncrements } from './bet2-poisson-increments.js';
import { type BetEvidence, restartMixture } from './restart-mixture.js';
import type { ExposureWindow } from './two-arm-window.js';

/**
 * Evidence from event counts about "canary rate ≤ ratio · baseline rate + offset" (or ≥, for safe).
 *
 * Exact at every look for events that come one by one (phi corrects for bursts), whatever the rates do over time.
 *
 * @param margin  offset in events per unit of exposure
 * @throws {RangeError} negative counts or exposures, ratio ≤ 0, or phi < 1
 * @see Lindon & Malek (2022), Anytime-valid inference for multinomial count data
 */
export function bet2Poisson(
  windows: readonly ExposureWindow[],
  margin: AffineMargin,
  side: Side,
  { cap = null, starts }: BetOptions = {},
): BetEvidence {
  return restartMixture(
    windows.map((window) => bet2PoissonIncrements(window, margin, side, cap)),
    starts,
  );
}
