import { everything, type Interval } from '../interval.js';
import { asymptoticHalfWidth } from './asymptotic-half-width.js';
import { burnInInformation } from './mean-evidence.js';
import type { StratifiedMeans } from './stratified-means.js';

/**
 * Bounds of canary mean − baseline mean that hold at every look.
 *
 * Assumptions as for meanEvidence.
 *
 * @param alpha            chance to miss on each side, in (0, ½)
 * @param bestInformation  information at which the bounds are tightest; fixed before the data
 * @param phi              ≥ 1: variance of window means over that of independent values
 * @returns {@link everything} during the burn-in or without spread
 */
export function meanDifferenceBounds(means: StratifiedMeans, alpha: number, bestInformation = 500, phi = 1): Interval {
  const { information, estimate, varianceConservative } = means.against({ ratio: 1, offset: 0 });
  if (information / phi < burnInInformation) return everything;
  const halfWidth = asymptoticHalfWidth(information, phi * varianceConservative, { alpha, bestInformation, oneSided: true });
  return { low: estimate - halfWidth, high: estimate + halfWidth };
}
