import type { Side } from './affine-margin.js';
import { bet1Increments } from './bet1-increments.js';
import type { BetOptions } from './bet2.js';
import { type BetEvidence, restartMixture } from './restart-mixture.js';
import type { OneArmWindow } from './two-arm-window.js';

/**
 * Evidence from counts of one cohort about "proportion ≤ limit" (or ≥, for safe): the honest form of a fixed threshold.
 *
 * Exact at every look for observations that are independent once divided by phi, also when the proportion drifts.
 *
 * @param limit  proportion in (0, 1)
 * @throws {RangeError} limit outside (0, 1), impossible counts or phi < 1
 * @see Waudby-Smith & Ramdas (2024), Estimating means of bounded random variables by betting
 */
export function bet1(windows: readonly OneArmWindow[], limit: number, side: Side, { cap = null, starts }: BetOptions = {}): BetEvidence {
  return restartMixture(
    windows.map((window) => bet1Increments(window, limit, side, cap)),
    starts,
  );
}
