/** Halvings of the range: 2^-50 of it is what doubles can tell apart. */
const halvings = 50;

/**
 * The value that a share p of all differences x − y does not exceed, over every pair of one value from each sample.
 *
 * Exact to rounding, without keeping the pairs: they are counted along the two sorted samples.
 *
 * @param p  in (0, 1)
 * @returns NaN where a sample is empty
 * @throws {RangeError} p outside (0, 1)
 * @see Hodges & Lehmann (1963), Estimates of location based on rank tests, whose shift is the median of these
 */
export function quantileOfDifferences(xs: readonly number[], ys: readonly number[], p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`p must be in (0, 1), got ${p}`);
  const [x, y] = [Float64Array.from(xs).sort(), Float64Array.from(ys).sort()];
  if (x.length === 0 || y.length === 0) return Number.NaN;
  const wanted = p * x.length * y.length;
  let low = at(x, 0) - at(y, y.length - 1);
  let high = at(x, x.length - 1) - at(y, 0);
  for (let i = 0; i < halvings && low < high; i += 1) {
    const middle = low + (high - low) / 2;
    if (pairsUpTo(x, y, middle) >= wanted) high = middle;
    else low = middle;
  }
  return high;
}

/** Pairs with x − y ≤ difference: along the ascending y ever more of the ascending x belong to one. */
function pairsUpTo(x: Float64Array, y: Float64Array, difference: number): number {
  let below = 0;
  let pairs = 0;
  for (const value of y) {
    while (below < x.length && at(x, below) - value <= difference) below += 1;
    pairs += below;
  }
  return pairs;
}

const at = (values: Float64Array, index: number): number => values[index] as number;
