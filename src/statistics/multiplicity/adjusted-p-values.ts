/**
 * P-values adjusted for their number: Holm for no false rejection at all, Benjamini–Hochberg for few among the rejected.
 *
 * Benjamini–Hochberg assumes independent or positively dependent tests.
 *
 * @param p  in [0, 1]
 * @see Holm (1979); Benjamini & Hochberg (1995)
 */
export function adjustedPValues(p: readonly number[]): { holm: number[]; benjaminiHochberg: number[] } {
  const total = p.length;
  const ascending = p.map((_, i) => i).sort((a, b) => (p[a] as number) - (p[b] as number));
  const holm = new Array<number>(total).fill(1);
  const benjaminiHochberg = new Array<number>(total).fill(1);
  let largest = 0;
  ascending.forEach((position, rank) => {
    largest = Math.max(largest, Math.min(1, (total - rank) * (p[position] as number)));
    holm[position] = largest;
  });
  let smallest = 1;
  ascending.toReversed().forEach((position, fromTop) => {
    smallest = Math.min(smallest, (total / (total - fromTop)) * (p[position] as number));
    benjaminiHochberg[position] = smallest;
  });
  return { holm, benjaminiHochberg };
}
