import { bracketedRoot } from '../special/bracketed-root.js';
import { type Continuity, shiftScores } from './shift-scores.js';

export interface ShiftSearch {
  readonly continuity: Continuity;
  /** absolute, in the unit of the values */
  readonly tolerance: number;
}

/**
 * The shifts μ at which x − μ and y have the given Mann–Whitney scores: the ends of a confidence interval at ±z, its centre at 0.
 *
 * The score is a step function of μ, so each answer is where it crosses, within the tolerance.
 *
 * @param x       not empty
 * @param y       not empty
 * @param scores  standard scores; the larger, the smaller the shift
 * @returns a shift for each score, in the unit of the values; the end of the possible shifts where the score does not cross before it
 * @throws {RangeError} a sample is empty, or a value is NaN or infinite
 * @see Bauer (1972), Constructing confidence sets using rank statistics
 */
export function shiftRoots(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  scores: readonly number[],
  { continuity, tolerance }: ShiftSearch,
): number[] {
  const { low, high, at } = shiftScores(x, y, continuity);
  const [atLow, atHigh] = [at(low), at(high)];
  const scoreAt = (shift: number): number => (shift === low ? atLow : shift === high ? atHigh : at(shift));
  return scores.map((score) => {
    if (atLow <= score) return low;
    if (atHigh >= score) return high;
    return bracketedRoot((shift) => scoreAt(shift) - score, low, high, { relative: 0, absolute: tolerance });
  });
}
