import { binomialDeviance } from './binomial-deviance.js';
import { stirlingError } from './stirling-error.js';

/**
 * I_x(a, b): the chance that a Beta(a, b) value is at most x. Relative error about 1e-13.
 *
 * @param x  in [0, 1]
 * @param a  > 0
 * @param b  > 0
 * @throws {RangeError} an argument out of range or NaN
 * @see DLMF 8.17.22, continued fraction by the modified Lentz method
 */
export function regularizedIncompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1)) throw new RangeError(`x must be in [0, 1], got ${x}`);
  if (!(a > 0 && b > 0)) throw new RangeError(`a and b must be > 0, got ${a} and ${b}`);
  if (x === 0 || x === 1) return x;
  if (x <= (a + 1) / (a + b + 2)) return (betaPower(x, 1 - x, a, b) / a) * continuedFraction(x, a, b);
  return 1 - (betaPower(1 - x, x, b, a) / b) * continuedFraction(1 - x, b, a);
}

/** x^a y^b / B(a, b) with y = 1 − x, as a binomial density so that large exponents do not cancel. */
function betaPower(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  const exponent = stirlingError(n) - stirlingError(a) - stirlingError(b) - binomialDeviance(a, n * x) - binomialDeviance(b, n * y);
  return Math.exp(exponent) * Math.sqrt((a * b) / (2 * Math.PI * n));
}

function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return fraction;
}
