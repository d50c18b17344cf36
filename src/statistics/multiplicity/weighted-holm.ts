export interface WeightedPValue {
  /** in [0, 1] */
  readonly p: number;
  /** share of the error rate, > 0, relative to the others */
  readonly weight: number;
}

/**
 * P-values adjusted so that no true null hypothesis is rejected at all, save with the chance that was allowed.
 *
 * Holm's procedure with a share of the error rate for each; with equal weights the ordinary one. Any dependence.
 *
 * @returns in the order given; reject where it is at most the error rate of the whole family
 * @see Holm (1979), A simple sequentially rejective multiple test procedure, section 4
 */
export function weightedHolm(tests: readonly WeightedPValue[]): number[] {
  const ascending = tests.map((test, position) => ({ ...test, position })).sort((a, b) => a.p / a.weight - b.p / b.weight);
  const adjusted = new Array<number>(tests.length).fill(1);
  let left = tests.reduce((sum, { weight }) => sum + weight, 0);
  let largest = 0;
  for (const { p, weight, position } of ascending) {
    largest = Math.max(largest, Math.min(1, (p / weight) * left));
    adjusted[position] = largest;
    left -= weight;
  }
  return adjusted;
}
