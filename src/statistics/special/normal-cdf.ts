import { millsRatio } from './mills-ratio.js';

/**
 * Φ(z), the chance that a standard normal value is at most z. Relative error below 1e-13 in both tails.
 *
 * @param z  any number
 * @see Marsaglia (2004), Evaluating the normal distribution, for the series near the centre
 */
export function normalCdf(z: number): number {
  if (z < -3) return normalDensity(z) * millsRatio(-z);
  if (z > 3) return 1 - normalDensity(z) * millsRatio(z);

  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 + normalDensity(z) * sum;
}

const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
