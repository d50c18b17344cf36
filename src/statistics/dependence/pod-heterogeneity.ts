import { regularizedLowerGamma } from '../special/regularized-lower-gamma.js';
import type { CountedWindow } from './window-dispersion.js';

export interface PodHeterogeneity {
  /** standard deviation of the logarithm of the pods' true proportions; 0 where no more than chance was seen */
  readonly tau: number;
  /** chance of pods at least this unlike if they were all alike */
  readonly p: number;
  /** enough pods (6) with enough events (50 each) that are unlike at 5 %; otherwise tau is mostly noise */
  readonly usable: boolean;
}

/**
 * How much pods of one cohort differ beyond chance.
 *
 * Assumes independent observations inside a pod.
 *
 * @param pods  totals over the history; pods without observations are skipped
 */
export function podHeterogeneity(pods: readonly CountedWindow[]): PodHeterogeneity {
  const seen = pods.filter((pod) => pod.total > 0);
  const rates = seen.map((pod) => pod.events / pod.total);
  const mean = sum(rates) / rates.length;
  if (seen.length < 2 || !(mean > 0 && mean < 1)) return { tau: 0, p: 1, usable: false };

  const between = sum(rates.map((rate) => (rate - mean) ** 2)) / (rates.length - 1);
  const within = sum(seen.map((pod) => (mean * (1 - mean)) / pod.total)) / rates.length;
  const tau = Math.sqrt(Math.log1p(Math.max(0, between - within) / mean ** 2));
  const p = alikeProbability(seen);
  return { tau, p, usable: seen.length >= 6 && seen.every((pod) => pod.events >= 50) && p < 0.05 };
}

/** χ² test of one common proportion. */
function alikeProbability(pods: readonly CountedWindow[]): number {
  const pooled = sum(pods.map((pod) => pod.events)) / sum(pods.map((pod) => pod.total));
  const terms = pods.map(({ total, events }) => (events - total * pooled) ** 2 / (total * pooled * (1 - pooled)));
  return 1 - regularizedLowerGamma((pods.length - 1) / 2, sum(terms) / 2);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
