import { type ShiftSearch, shiftRoots } from './shift-roots.js';

/** The shift of one score, as {@link shiftRoots} finds many at once. */
export const shiftRoot = (x: ArrayLike<number>, y: ArrayLike<number>, score: number, search: ShiftSearch): number =>
  shiftRoots(x, y, [score], search)[0] as number;
