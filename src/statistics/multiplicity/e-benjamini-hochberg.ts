/**
 * Which nulls to reject so that at most a share α of the rejected ones is true, on average; any dependence.
 *
 * @param eValues  ≥ 0
 * @param alpha    false discovery rate, in (0, 1)
 * @returns positions in `eValues`, ascending
 * @see Wang & Ramdas (2022), False discovery rate control with e-values
 */
export function eBenjaminiHochberg(eValues: readonly number[], alpha: number): number[] {
  const total = eValues.length;
  const descending = eValues.map((_, i) => i).sort((a, b) => (eValues[b] as number) - (eValues[a] as number));
  const rejected = descending.findLastIndex((position, rank) => (eValues[position] as number) >= total / ((rank + 1) * alpha)) + 1;
  return descending.slice(0, rejected).sort((a, b) => a - b);
}
