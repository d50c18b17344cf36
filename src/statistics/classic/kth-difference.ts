/**
 * The k-th smallest of the m · n differences x − y, without forming them: the matrix of differences is sorted along its
 * rows and columns, so those up to any value are counted in one walk along their edge. Each walk halves the range and
 * moves its ends to differences that exist, so the answer is exact.
 *
 * @param x  ascending, not empty
 * @param y  ascending, not empty
 * @param k  from 1 to m · n
 */
export function kthDifference(x: Float64Array, y: Float64Array, k: number): number {
  if (!(k >= 1 && k <= x.length * y.length)) throw new RangeError(`k must be in 1…m · n, got ${k}`);
  let low = (x[0] as number) - (y[y.length - 1] as number);
  let high = (x[x.length - 1] as number) - (y[0] as number);
  while (low < high) {
    const middle = Math.max(low, low / 2 + high / 2);
    const { count, below, above } = differencesUpTo(x, y, middle < high ? middle : low);
    if (count >= k) high = below;
    else low = above;
  }
  return low;
}

/** How many differences are at most `bound`, the largest of them, and the smallest of the others. */
function differencesUpTo(x: Float64Array, y: Float64Array, bound: number): { count: number; below: number; above: number } {
  let [j, count, below, above] = [0, 0, -Infinity, Infinity];
  for (let i = 0; i < x.length; i++) {
    const value = x[i] as number;
    while (j < y.length && value - (y[j] as number) > bound) j++;
    if (j > 0) above = Math.min(above, value - (y[j - 1] as number));
    if (j === y.length) continue;
    count += y.length - j;
    below = Math.max(below, value - (y[j] as number));
  }
  return { count, below, above };
}
