import { upperBound } from './upper-bound.js';

/**
 * Exponential bucket that holds a value; a value that {@link upperBound} gives belongs to the bucket below it.
 *
 * @param value  > 0 and finite
 * @param scale  integer, −10 … 20 in OTLP
 * @throws {RangeError} value ≤ 0, infinite or NaN
 */
export function exponentialIndex(value: number, scale: number): number {
  if (!(value > 0 && value < Infinity)) throw new RangeError(`value must be > 0 and finite, got ${value}`);
  const exponent = Math.log2(value) * 2 ** scale;
  const nearest = Math.round(exponent);
  const onEdge = Math.abs(exponent - nearest) <= 1e-9 + 1e-14 * Math.abs(exponent);
  if (onEdge) return value <= upperBound(nearest - 1, scale) ? nearest - 1 : nearest;
  return Math.ceil(exponent) - 1;
}
