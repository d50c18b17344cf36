import { betaQuantile } from './beta-quantile.js';

/**
 * The value that Student's t with `df` degrees of freedom stays below with probability p.
 *
 * @param p   in [0, 1]; 0 and 1 give -Infinity and Infinity
 * @param df  > 0, need not be an integer
 * @throws {RangeError} an argument out of range or NaN
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], got ${p}`);
  if (!(df > 0)) throw new RangeError(`df must be > 0, got ${df}`);
  if (p > 0.5) return -studentTQuantile(1 - p, df);
  if (p === 0) return -Infinity;
  const nearCentre = p > 0.25 || (df > 10 && p > 1e-6);
  if (nearCentre) {
    const centre = betaQuantile(1 - 2 * p, 0.5, df / 2);
    return -Math.sqrt((df * centre) / (1 - centre));
  }
  const tail = betaQuantile(2 * p, df / 2, 0.5);
  return -Math.sqrt((df * (1 - tail)) / tail);
}
