import { kthDifference } from './kth-difference.js';
import { sortedSample } from './sorted-sample.js';

/**
 * Typical shift from y to x: the median of all differences x − y, exact.
 *
 * @returns in the unit of the values; NaN where a sample is empty
 * @throws {RangeError} a value is NaN or infinite
 * @see Hodges & Lehmann (1963), Estimates of location based on rank tests
 */
export function hodgesLehmann(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length === 0 || y.length === 0) return Number.NaN;
  const [first, second] = [sortedSample(x), sortedSample(y)];
  const middle = (x.length * y.length) / 2;
  return (kthDifference(first, second, Math.ceil(middle)) + kthDifference(first, second, Math.floor(middle) + 1)) / 2;
}
