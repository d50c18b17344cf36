import { regularizedIncompleteBeta } from './regularized-incomplete-beta.js';

/**
 * The chance that Student's t with `df` degrees of freedom is at most `t`.
 *
 * @param t   any number
 * @param df  > 0, need not be an integer
 * @throws {RangeError} df ≤ 0 or NaN
 */
export function studentTCdf(t: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`df must be > 0, got ${df}`);
  const square = t * t;
  if (square < df) return 0.5 + 0.5 * Math.sign(t) * regularizedIncompleteBeta(square / (df + square), 0.5, df / 2);
  const tail = 0.5 * regularizedIncompleteBeta(df / (df + square), df / 2, 0.5);
  return t < 0 ? tail : 1 - tail;
}
