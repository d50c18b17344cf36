import { logNormalCdf } from '../special/log-normal-cdf.js';
import { mixtureWidth, type SequenceShape } from './mixture-width.js';

/**
 * Evidence that an estimate's true value is not 0 (two-sided), or is above 0 (one-sided).
 *
 * Asymptotic: needs an estimate that is nearly normal, with a variance that is known well.
 *
 * @param estimate     minus the value to test against
 * @param information  t, such that the estimate has variance `variance / t`
 * @param variance     of one unit of information, in the estimate's unit squared
 * @returns ln E; 0 where no information or no spread was seen
 * @see Waudby-Smith et al. (2024); Robbins (1970), normal mixture
 */
export function asymptoticLogE(estimate: number, information: number, variance: number, shape: SequenceShape): number {
  const rhoSquared = mixtureWidth(shape);
  if (!(information > 0 && variance > 0)) return 0;
  const y = information * rhoSquared + 1;
  const x = information * estimate * Math.sqrt(rhoSquared / (variance * y));
  const twoSided = -0.5 * Math.log(y) + 0.5 * x * x;
  return shape.oneSided ? twoSided + Math.LN2 + logNormalCdf(x) : twoSided;
}
