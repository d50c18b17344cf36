import { sortedSample } from './sorted-sample.js';

/** Part of a pair by which U is moved towards its mean: ½ of the sign, ½ or −½ fixed, or none. */
export type Continuity = 'sign' | 'greater' | 'less' | 'none';

/** Mann–Whitney's standard score of x − shift against y, as a function of the shift: a staircase that never goes up. */
export interface ShiftScores {
  /** below it the score does not change: every x − shift is at least as large as every y */
  readonly low: number;
  /** above it the score does not change */
  readonly high: number;
  /** positive where x − shift tends to be larger; NaN where all values are equal */
  at(shift: number): number;
}

/**
 * Sorts both samples once; each score is then one walk through them.
 *
 * @param x  not empty
 * @param y  not empty
 * @throws {RangeError} a sample is empty, or a value is NaN or infinite
 * @see Lehmann (1975), Nonparametrics, chapter 1, for the variance with ties
 */
export function shiftScores(x: ArrayLike<number>, y: ArrayLike<number>, continuity: Continuity): ShiftScores {
  if (x.length === 0 || y.length === 0) throw new RangeError('both samples need values');
  const [first, second] = [sortedSample(x), sortedSample(y)];
  const [m, n] = [first.length, second.length];
  const tiesWithin = tieTerm(first) + tieTerm(second);
  return {
    low: (first[0] as number) - (second[n - 1] as number),
    high: (first[m - 1] as number) - (second[0] as number),
    at(shift) {
      const { pairs, tiesBetween } = comparePairs(first, second, shift);
      const excess = pairs - (m * n) / 2;
      const correction = { sign: 0.5 * Math.sign(excess), greater: 0.5, less: -0.5, none: 0 }[continuity];
      const sigma = Math.sqrt(((m * n) / 12) * (m + n + 1 - (tiesWithin + tiesBetween) / ((m + n) * (m + n - 1))));
      return sigma > 0 ? (excess - correction) / sigma : Number.NaN;
    },
  };
}

/** Σ (t³ − t) over groups of t equal values. */
function tieTerm(sorted: Float64Array): number {
  let [sum, tied] = [0, 1];
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[i - 1]) {
      tied++;
    } else {
      sum += tied ** 3 - tied;
      tied = 1;
    }
  }
  return sum;
}

/**
 * Pairs in which x − shift is larger than y, ties counted half, and what ties between the samples add to the tie term.
 * The step without ties has no branch that depends on the data: which sample comes next cannot be predicted.
 */
function comparePairs(x: Float64Array, y: Float64Array, shift: number): { pairs: number; tiesBetween: number } {
  const [m, n] = [x.length, y.length];
  let [i, j, wins, ties, tiesBetween] = [0, 0, 0, 0, 0];
  while (i < m && j < n) {
    const shifted = (x[i] as number) - shift;
    const other = y[j] as number;
    if (shifted === other) {
      const [startX, startY] = [i, j];
      while (i < m && (x[i] as number) - shift === other) i++;
      while (j < n && y[j] === other) j++;
      const [tiedX, tiedY] = [i - startX, j - startY];
      wins += tiedX * startY;
      ties += tiedX * tiedY;
      tiesBetween += 3 * tiedX * tiedY * (tiedX + tiedY);
    } else {
      const isBelow = Number(shifted < other);
      wins += j * isBelow;
      i += isBelow;
      j += 1 - isBelow;
    }
  }
  return { pairs: wins + (m - i) * n + ties / 2, tiesBetween };
}
