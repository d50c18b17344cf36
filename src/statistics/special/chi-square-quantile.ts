import { invertIncreasing } from './invert-increasing.js';
import { logGamma } from './log-gamma.js';
import { regularizedLowerGamma } from './regularized-lower-gamma.js';

/**
 * The value that χ² with `df` degrees of freedom stays below with probability p.
 *
 * @param p   in [0, 1]; 1 gives Infinity
 * @param df  > 0, need not be an integer
 * @throws {RangeError} an argument out of range or NaN
 */
export function chiSquareQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], got ${p}`);
  if (!(df > 0)) throw new RangeError(`df must be > 0, got ${df}`);
  if (p === 0) return 0;
  if (p === 1) return Infinity;
  const shape = df / 2;
  const scale = logGamma(shape);
  const density = (x: number): number => Math.exp((shape - 1) * Math.log(x) - x - scale);
  let high = shape + 10;
  while (regularizedLowerGamma(shape, high) < p) high *= 2;
  return 2 * invertIncreasing((x) => regularizedLowerGamma(shape, x), density, p, high);
}
