import { logGamma } from './log-gamma.js';
import { stirlingError } from './stirling-error.js';

/**
 * ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b), without the cancellation that the three terms have when a or b is large.
 *
 * @param a > 0
 * @param b > 0
 * @throws {RangeError} a or b ≤ 0 or NaN
 */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (!(small > 0)) throw new RangeError(`a and b must be > 0, got ${a} and ${b}`);
  if (large < 12) return logGamma(small) + logGamma(large) - logGamma(small + large);

  const sum = small + large;
  const share = small / sum;
  const rest = (large - 0.5) * Math.log1p(-share) + stirlingError(large) - stirlingError(sum);
  if (small < 12) return logGamma(small) + small * (1 - Math.log(sum)) + rest;
  return 0.5 * Math.log((2 * Math.PI) / sum) + (small - 0.5) * Math.log(share) + stirlingError(small) + rest;
}
