export interface KolmogorovSmirnov {
  /** largest distance between the two empirical distribution functions */
  readonly distance: number;
  /** p-value of `distance`, by the method asked for */
  readonly p: number;
  /** largest distance by which x's lies below y's, as where x is larger */
  readonly distanceLess: number;
  /** asymptotic p-value of `distanceLess` */
  readonly pLess: number;
}

/**
 * Kolmogorov–Smirnov test that two samples come from one distribution. Not valid under peeking.
 *
 * @param method  exact: no ties, fewer than 10 000 pairs; asymptotic otherwise
 * @throws {RangeError} an empty sample
 * @see Hodges (1958), The significance probability of the Smirnov two-sample test
 */
export function kolmogorovSmirnov(x: readonly number[], y: readonly number[], method: 'exact' | 'asymptotic'): KolmogorovSmirnov {
  if (x.length === 0 || y.length === 0) throw new RangeError('both samples need values');
  const { above, below } = distances(x, y);
  const distance = Math.max(above, below);
  const size = (x.length * y.length) / (x.length + y.length);
  return {
    distance,
    p: method === 'exact' ? exactTail(distance, x.length, y.length) : asymptoticTail(distance * Math.sqrt(size)),
    distanceLess: below,
    pLess: Math.exp(-2 * below * below * size),
  };
}

/** How far x's empirical distribution function rises above, and falls below, that of y. */
function distances(x: readonly number[], y: readonly number[]): { above: number; below: number } {
  const [first, second] = [Float64Array.from(x).sort(), Float64Array.from(y).sort()];
  let [i, j, above, below] = [0, 0, 0, 0];
  while (i < first.length && j < second.length) {
    const value = Math.min(first[i] as number, second[j] as number);
    while (first[i] === value) i++;
    while (second[j] === value) j++;
    const difference = i / first.length - j / second.length;
    above = Math.max(above, difference);
    below = Math.max(below, -difference);
  }
  return { above, below };
}

/** Chance that a random lattice path from (0, 0) to (m, n) leaves the band around the diagonal. */
function exactTail(distance: number, m: number, n: number): number {
  const limit = (0.5 + Math.floor(distance * m * n - 1e-7)) / (m * n);
  const outside = (i: number, j: number): boolean => Math.abs(i / m - j / n) > limit;
  const left = new Float64Array(n + 1); // chance to have left the band on the way to (i, j)
  for (let j = 1; j <= n; j++) left[j] = outside(0, j) ? 1 : (left[j - 1] as number);
  for (let i = 1; i <= m; i++) {
    if (outside(i, 0)) left[0] = 1;
    for (let j = 1; j <= n; j++) {
      const fromLeft = i / (i + j);
      left[j] = outside(i, j) ? 1 : fromLeft * (left[j] as number) + (1 - fromLeft) * (left[j - 1] as number);
    }
  }
  return left[n] as number;
}

function asymptoticTail(scaled: number): number {
  if (scaled < 0.2) return 1; // below 1 by less than 1e-12
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * scaled * scaled);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-18) break;
  }
  return Math.min(1, 2 * sum);
}
