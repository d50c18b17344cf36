import { regularizedLowerGamma } from '../special/regularized-lower-gamma.js';
import type { CountedWindow } from './window-dispersion.js';

export interface PodHeterogeneity {
  /** standard deviation of the logarithm of the pods' true proportions; 0 where no more than chance was seen */
  readonly tau: number;
  /** chance of pods at least this unlike if they were all alike */
  readonly p: number;
  /** enough pods (6) with enough traffic (for 50 clusters of events each) that are unlike at 5 %; otherwise tau is mostly noise */
  readonly usable: boolean;
}

/** So many pods, and so many clusters of events expected of each by its traffic. Not seen of it: lucky pods would be left out. */
export const fewestPods = 6;
export const clustersOfPod = 50;

/**
 * How much pods of one cohort differ beyond chance.
 *
 * @param pods        totals over the history; pods without observations are skipped
 * @param dispersion  ≥ 1: how many events of one pod come together; 1 is independent
 * @see DerSimonian & Laird (1986), Meta-analysis in clinical trials, for the variance between units by moments
 */
export function podHeterogeneity(pods: readonly CountedWindow[], dispersion = 1): PodHeterogeneity {
  const seen = pods.filter((pod) => pod.total > 0);
  const rates = seen.map((pod) => pod.events / pod.total);
  const mean = sum(rates) / rates.length;
  if (seen.length < 2 || !(mean > 0 && mean < 1)) return { tau: 0, p: 1, usable: false };

  const between = sum(rates.map((rate) => (rate - mean) ** 2)) / (rates.length - 1);
  const within = (dispersion * sum(seen.map((pod) => (mean * (1 - mean)) / pod.total))) / rates.length;
  const tau = Math.sqrt(Math.log1p(Math.max(0, between - within) / mean ** 2));
  const p = alikeProbability(seen, dispersion);
  const enough = seen.length >= fewestPods && seen.every((pod) => pod.total * mean >= clustersOfPod * dispersion);
  return { tau, p, usable: enough && p < 0.05 };
}

/** χ² test of one common proportion. */
function alikeProbability(pods: readonly CountedWindow[], dispersion: number): number {
  const pooled = sum(pods.map((pod) => pod.events)) / sum(pods.map((pod) => pod.total));
  const terms = pods.map(({ total, events }) => (events - total * pooled) ** 2 / (total * pooled * (1 - pooled)));
  return 1 - regularizedLowerGamma((pods.length - 1) / 2, sum(terms) / (2 * dispersion));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
