/**
 * Quantile of a sample, linear between its sorted values, as R, NumPy and Excel do by default.
 *
 * @param p  in [0, 1]
 * @returns NaN for an empty sample
 * @throws {RangeError} p outside [0, 1] or NaN
 * @see Hyndman & Fan (1996), Sample quantiles in statistical packages, definition 7
 */
export function quantileType7(values: readonly number[], p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], got ${p}`);
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (position - below) * (high - low);
}
