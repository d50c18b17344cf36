import type { AffineMargin, Side } from './affine-margin.js';
import { bet2Increments } from './bet2-increments.js';
import { type BetEvidence, restartMixture, type Start } from './restart-mixture.js';
import type { TwoArmWindow } from './two-arm-window.js';

export interface BetOptions {
  /** most that one window may add to a bet, in nats; null or absent: no limit */
  readonly cap?: number | null;
  /** absent: one start at window 0 */
  readonly starts?: readonly Start[];
}

/**
 * Evidence from counts of two cohorts about "canary proportion ≤ ratio · baseline proportion + offset" (or ≥, for safe).
 *
 * Exact at every look, also with few events, a split that changes and a baseline that drifts between windows: windows are
 * multiplied, never pooled. Assumes observations that are independent once divided by phi, closed windows, and a split
 * that does not react to the outcomes of the same window.
 *
 * @returns ln E; E ≥ 1/α at any look happens with probability at most α while the null holds
 * @throws {RangeError} impossible counts, phi < 1, or a margin that is no proportion
 * @see Turner, Ly & Grünwald (2024); Lindon & Malek (2022); docs/statistics.md
 */
export function bet2(
  windows: readonly TwoArmWindow[],
  margin: AffineMargin,
  side: Side,
  { cap = null, starts }: BetOptions = {},
): BetEvidence {
  return restartMixture(
    windows.map((window) => bet2Increments(window, margin, side, cap)),
    starts,
  );
}
