/** How many values of a cluster lie at or below each value of a grid. */
export type CumulativeCounts = Float64Array;

/** The same of several clusters together, asked where it is needed. */
export type CountsUpTo = (index: number) => number;

/**
 * Draws as many clusters as there are, with replacement, and measures what was drawn, again and again.
 *
 * Counts are added up only where `measure` asks for them: a quantile asks at a few places of a long grid.
 *
 * @param clusters  counts on one grid, at least one
 * @param random    uniform in [0, 1); one number for each cluster drawn
 * @param measure   of one draw; what it is given changes with the next
 */
export function resampledClusters<T>(
  clusters: readonly CumulativeCounts[],
  replicates: number,
  random: () => number,
  measure: (upTo: CountsUpTo) => T,
): T[] {
  const size = clusters.length;
  const times = new Uint32Array(size);
  const upTo = countsOf(clusters, times);
  return Array.from({ length: replicates }, () => {
    times.fill(0);
    for (let draw = 0; draw < size; draw++) {
      const chosen = Math.floor(random() * size);
      times[chosen] = (times[chosen] as number) + 1;
    }
    return measure(upTo);
  });
}

/** All clusters, each once. */
export const allClusters = (clusters: readonly CumulativeCounts[]): CountsUpTo =>
  countsOf(clusters, new Uint32Array(clusters.length).fill(1));

const countsOf =
  (clusters: readonly CumulativeCounts[], times: Uint32Array): CountsUpTo =>
  (index) => {
    let sum = 0;
    for (let cluster = 0; cluster < clusters.length; cluster++)
      sum += (times[cluster] as number) * ((clusters[cluster] as CumulativeCounts)[index] as number);
    return sum;
  };

/** First place of the grid up to which there are at least so many. */
export function firstWith(upTo: CountsUpTo, count: number, length: number): number {
  let [low, high] = [0, length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (upTo(middle) >= count) high = middle;
    else low = middle + 1;
  }
  return low;
}
