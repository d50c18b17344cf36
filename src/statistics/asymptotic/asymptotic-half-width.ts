import { mixtureWidth, type SequenceShape } from './mixture-width.js';

/**
 * Half the width of an interval around an estimate that stays valid however often we look.
 *
 * Asymptotic: needs an estimate that is nearly normal, with a variance that is known well.
 *
 * @param information  t > 0, such that the estimate has variance `variance / t`
 * @param variance     of one unit of information, in the estimate's unit squared
 * @returns Infinity where no information or no spread was seen: that is not certainty
 * @see Waudby-Smith et al. (2024), Theorem 2.2 (two-sided); docs/statistics.md (one-sided)
 */
export function asymptoticHalfWidth(information: number, variance: number, shape: SequenceShape): number {
  const rhoSquared = mixtureWidth(shape);
  if (!(information > 0 && variance > 0)) return Infinity;
  const y = information * rhoSquared + 1;
  const rootY = Math.sqrt(y);
  const crossing = shape.oneSided ? Math.log1p(rootY / (2 * shape.alpha)) : Math.log(rootY / shape.alpha);
  return Math.sqrt(((2 * variance * y) / (information * information * rhoSquared)) * crossing);
}
