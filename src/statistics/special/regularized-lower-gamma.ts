import { binomialDeviance } from './binomial-deviance.js';
import { stirlingError } from './stirling-error.js';

/**
 * P(a, x): the chance that a Gamma(a) value is at most x. Relative error about 1e-13.
 *
 * @param a  > 0
 * @param x  ≥ 0
 * @throws {RangeError} an argument out of range or NaN
 * @see DLMF 8.11.4 (series) and 8.9.2 (continued fraction by the modified Lentz method)
 */
export function regularizedLowerGamma(a: number, x: number): number {
  if (!(a > 0)) throw new RangeError(`a must be > 0, got ${a}`);
  if (!(x >= 0)) throw new RangeError(`x must be >= 0, got ${x}`);
  if (x === 0) return 0;
  if (x === Infinity) return 1;
  const density = Math.exp(-stirlingError(a) - binomialDeviance(a, x)) / Math.sqrt(2 * Math.PI * a);
  return x < a + 1 ? density * series(a, x) : 1 - density * a * upperFraction(a, x);
}

function series(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k <= 100_000; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / (numerator * d + b || tiny);
    c = b + numerator / c || tiny;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return fraction;
}
