import { millsRatio } from './mills-ratio.js';
import { normalCdf } from './normal-cdf.js';

/**
 * ln Φ(z), finite also where Φ(z) underflows to 0.
 *
 * @param z  any number
 */
export function logNormalCdf(z: number): number {
  if (z < -3) return -0.5 * z * z - 0.5 * Math.log(2 * Math.PI) + Math.log(millsRatio(-z));
  return z > 0 ? Math.log1p(-normalCdf(-z)) : Math.log(normalCdf(z));
}
