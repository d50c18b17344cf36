import type { AffineMargin, Side } from '../betting/affine-margin.js';
import { asymptoticLogE } from './asymptotic-log-e.js';
import type { StratifiedMeans } from './stratified-means.js';

/** Below this much information, divided by φ, the normal approximation is not trusted: about 100 canary observations at a small share. */
export const burnInInformation = 100;

export interface MeanEvidenceOptions {
  /** error rate that the test is tuned for, in (0, ½) */
  readonly alpha?: number;
  /** information at which the test is sharpest; fixed before the data */
  readonly bestInformation?: number;
  /** ≥ 1: variance of window means over that of independent values */
  readonly phi?: number;
  /** taken off the estimate towards safety, ≥ 0, in the unit of the mean: see {@link LoudestWindow} */
  readonly discount?: number;
}

/**
 * Evidence about "canary mean ≤ ratio · baseline mean + offset" (or ≥, for safe).
 *
 * Asymptotic, from 100 units of information on. Assumes observations with finite variance, independent but for φ; for heavy tails
 * (log-normal with σ above 1) a percentile gate is the better choice.
 *
 * @param means  of closed windows, added in any order
 * @returns ln E, 0 during the burn-in or without spread; the estimate is how far the canary is beyond the margin
 * @see Waudby-Smith et al. (2024), Time-uniform central limit theory and asymptotic confidence sequences
 */
export function meanEvidence(
  means: StratifiedMeans,
  margin: AffineMargin,
  side: Side,
  { alpha = 0.01, bestInformation = 500, phi = 1, discount = 0 }: MeanEvidenceOptions = {},
): { logE: number; estimate: number; information: number } {
  const { information, estimate, varianceConservative } = means.against(margin);
  const shape = { alpha, bestInformation, oneSided: true };
  if (information / phi < burnInInformation) return { logE: 0, estimate, information };
  const towards = side === 'harm' ? estimate - discount : -estimate;
  return { logE: asymptoticLogE(towards, information, phi * varianceConservative, shape), estimate, information };
}
