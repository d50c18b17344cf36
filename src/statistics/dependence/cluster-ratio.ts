import type { CountedWindow } from './window-dispersion.js';

export interface ClusterRatio {
  /** Σ events / Σ total; NaN without observations */
  readonly ratio: number;
  /** of `ratio`, taking clusters as the units that were drawn; Infinity below two clusters */
  readonly variance: number;
  /** `variance` over that of independent observations; a lower limit for the dispersion of the cohort */
  readonly designEffect: number;
}

/**
 * A proportion over users or pods that each bring many observations.
 *
 * Assumes independent clusters; 30 or more for the variance to be trusted.
 *
 * @param clusters  events may exceed neither total nor be negative
 * @see Cochran (1977), Sampling techniques, chapter 6
 */
export function clusterRatio(clusters: readonly CountedWindow[]): ClusterRatio {
  const total = clusters.reduce((sum, cluster) => sum + cluster.total, 0);
  const ratio = clusters.reduce((sum, cluster) => sum + cluster.events, 0) / total;
  const count = clusters.length;
  if (!(count >= 2 && total > 0)) return { ratio, variance: Infinity, designEffect: Infinity };
  const squares = clusters.reduce((sum, cluster) => sum + (cluster.events - ratio * cluster.total) ** 2, 0);
  const variance = ((count / (count - 1)) * squares) / total ** 2;
  const independent = (ratio * (1 - ratio)) / total;
  return { ratio, variance, designEffect: independent > 0 ? variance / independent : 1 };
}
