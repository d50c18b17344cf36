import { bracketedRoot } from '../special/bracketed-root.js';
import { mannWhitneyScore } from './mann-whitney-score.js';

/**
 * The shift μ at which x − μ and y have Mann–Whitney score z: the end of a confidence interval, or its centre at z = 0.
 *
 * The score is a step function of μ, so the answer is where it crosses, within the tolerance.
 *
 * @param continuity  as in mannWhitneyScore
 * @param tolerance   absolute
 * @returns the end of the possible shifts where the score does not cross z before it
 */
export function shiftRoot(
  x: readonly number[],
  y: readonly number[],
  z: number,
  { continuity, tolerance }: { readonly continuity: 'sign' | 'none'; readonly tolerance: number },
): number {
  const low = Math.min(...x) - Math.max(...y);
  const high = Math.max(...x) - Math.min(...y);
  const excess = (shift: number): number => {
    const shifted = x.map((value) => value - shift);
    return mannWhitneyScore(shifted, y, continuity) - z;
  };
  if (excess(low) <= 0) return low;
  if (excess(high) >= 0) return high;
  return bracketedRoot(excess, low, high, { relative: 0, absolute: tolerance });
}
