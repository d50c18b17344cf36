import { invertIncreasing } from './invert-increasing.js';
import { logBeta } from './log-beta.js';
import { regularizedIncompleteBeta } from './regularized-incomplete-beta.js';

/**
 * The x that a Beta(a, b) value stays below with probability p.
 *
 * @param p  in [0, 1]
 * @param a  > 0
 * @param b  > 0
 * @throws {RangeError} an argument out of range or NaN
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], got ${p}`);
  if (!(a > 0 && b > 0)) throw new RangeError(`a and b must be > 0, got ${a} and ${b}`);
  if (p === 0 || p === 1) return p;
  const scale = logBeta(a, b);
  const density = (x: number): number => Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - scale);
  return invertIncreasing((x) => regularizedIncompleteBeta(x, a, b), density, p, 1);
}
