import { logNormalCdf } from './log-normal-cdf.js';

/**
 * Φ⁻¹(p): the value that a standard normal stays below with probability p. Relative error below 1e-13.
 *
 * Newton's method on ln Φ, which is concave, so it converges from the far side of every start.
 *
 * @param p  in [0, 1]; 0 and 1 give -Infinity and Infinity
 * @throws {RangeError} p outside [0, 1] or NaN
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], got ${p}`);
  if (p === 0.5) return 0;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return -Infinity;

  const logP = Math.log(p);
  let z = p > 0.1 ? (p - 0.5) * Math.sqrt(2 * Math.PI) : -Math.sqrt(-2 * logP);
  for (let i = 0; i < 60; i++) {
    const logCdf = logNormalCdf(z);
    const slope = Math.exp(-0.5 * z * z - 0.5 * Math.log(2 * Math.PI) - logCdf);
    const step = (logCdf - logP) / slope;
    z -= step;
    if (Math.abs(step) <= 1e-15 * Math.abs(z)) break;
  }
  return z;
}
