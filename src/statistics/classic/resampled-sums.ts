/** How often each value of a grid was seen. */
export type CountsOnGrid = Float64Array;

/**
 * Draws as many clusters as there are, with replacement, adds them up and measures the sum, again and again.
 *
 * @param clusters   counts on one grid, at least one
 * @param random     uniform in [0, 1); one number for each cluster drawn
 * @param measure    of the sum, which is overwritten by the next draw
 */
export function resampledSums<T>(
  clusters: readonly CountsOnGrid[],
  replicates: number,
  random: () => number,
  measure: (sum: CountsOnGrid) => T,
): T[] {
  const size = clusters.length;
  const times = new Uint32Array(size);
  const sum = new Float64Array(clusters[0]?.length ?? 0);
  return Array.from({ length: replicates }, () => {
    times.fill(0);
    sum.fill(0);
    for (let draw = 0; draw < size; draw++) {
      const chosen = Math.floor(random() * size);
      times[chosen] = (times[chosen] as number) + 1;
    }
    for (let index = 0; index < size; index++) add(sum, clusters[index] as CountsOnGrid, times[index] as number);
    return measure(sum);
  });
}

function add(sum: CountsOnGrid, counts: CountsOnGrid, times: number): void {
  if (times === 0) return;
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + times * (counts[i] as number);
}
