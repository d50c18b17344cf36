/**
 * E-values adjusted so that naming every one above 1/α names a true null with probability at most α.
 *
 * The smallest mean of any set that an e-value belongs to: the closed test of arithmetic means.
 *
 * @param eValues  ≥ 0
 * @see Vovk & Wang (2021), algorithm 2
 */
export function closedMeanAdjusted(eValues: readonly number[]): number[] {
  return eValues.map((eValue, i) => {
    const others = eValues.filter((_, j) => j !== i).sort((a, b) => a - b);
    let sum = eValue;
    let least = eValue;
    others.forEach((other, added) => {
      sum += other;
      least = Math.min(least, sum / (added + 2));
    });
    return least;
  });
}
