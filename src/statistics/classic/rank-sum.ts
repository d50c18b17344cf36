export interface RankSum {
  /** sum of the ranks of x among all values; ties share their average rank */
  readonly rankSum: number;
  /** Σ (t³ − t) over groups of t tied values */
  readonly tieTerm: number;
}

/** Ranks of two samples together, what Mann–Whitney's test is made of. */
export function rankSum(x: ArrayLike<number>, y: ArrayLike<number>): RankSum {
  const [first, second] = [Float64Array.from(x).sort(), Float64Array.from(y).sort()];
  let [i, j, sum, tieTerm] = [0, 0, 0, 0];
  while (i < first.length || j < second.length) {
    const value = Math.min(first[i] ?? Infinity, second[j] ?? Infinity);
    const [startX, startY] = [i, j];
    while (first[i] === value) i++;
    while (second[j] === value) j++;
    const tied = i - startX + j - startY;
    if (tied === 0) throw new RangeError('values must be numbers');
    sum += (i - startX) * (startX + startY + (tied + 1) / 2);
    tieTerm += tied ** 3 - tied;
  }
  return { rankSum: sum, tieTerm };
}
