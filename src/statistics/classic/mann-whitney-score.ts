import { type Continuity, shiftScores } from './shift-scores.js';

/**
 * Standard score of Mann–Whitney's U with tie correction, positive where x tends to be larger.
 *
 * @returns NaN where all values are equal
 * @throws {RangeError} a sample is empty, or a value is NaN or infinite
 */
export const mannWhitneyScore = (x: ArrayLike<number>, y: ArrayLike<number>, continuity: Continuity): number =>
  shiftScores(x, y, continuity).at(0);
