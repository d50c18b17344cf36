/**
 * A sample in ascending order, as the rank methods walk through it.
 *
 * @throws {RangeError} a value is NaN or infinite: it has no distance to the others
 */
export function sortedSample(values: ArrayLike<number>): Float64Array {
  const sorted = new Float64Array(values).sort();
  const [first, last] = [sorted.at(0) ?? 0, sorted.at(-1) ?? 0]; // NaN sorts last
  if (!(Number.isFinite(first) && Number.isFinite(last))) throw new RangeError('values must be finite numbers');
  return sorted;
}
