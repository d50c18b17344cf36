import type { OfPods } from '../domain/index.js';
import { RunningSeries, studentTQuantile } from '../statistics/index.js';

/** Pods that tell how much pods of one release differ; fewer are mostly luck. */
const fewestPods = 6;

/** Windows in which a pod must have told its level: a quarter of an hour of 15 s. */
const fewestWindows = 60;

/** Chance that pods alone carry a healthy canary beyond the room that they are given (statistics §D.6). */
const chanceOfUnluckyPods = 0.01;

/** How much pods of one release differ for good. */
export interface LastingSpread {
  /** standard deviation between the lasting levels of pods, in units of the level, ≥ 0 */
  readonly deviation: number;
  /** pods it was learned from, ≥ 6 */
  readonly pods: number;
}

/**
 * Learns how much pods of one release differ for good, which no number of windows averages out: a node with a slower disk, a larger heap.
 *
 * Each pod against all pods of the same window, so that pods may come and go, and what hits all of them is left out.
 */
export class LastingPods {
  private readonly deviations = new Map<string, RunningSeries>();
  private known: LastingSpread | null = null;

  /** Levels of one window, by pod. */
  learn(pods: OfPods<number>): void {
    const levels = Object.entries(pods).filter(([, level]) => Number.isFinite(level));
    if (levels.length < 2) return;
    this.known = null;
    const mean = levels.reduce((sum, [, level]) => sum + level / levels.length, 0);
    for (const [pod, level] of levels) {
      const series = this.deviations.get(pod) ?? new RunningSeries();
      this.deviations.set(pod, series);
      series.add(level - mean);
    }
  }

  /** Null: fewer than six pods told their level in 60 windows. */
  spread(): LastingSpread | null {
    this.known ??= spreadBetween([...this.deviations.values()].filter(({ count }) => count >= fewestWindows));
    return this.known;
  }
}

/** Variance between the means of pods, without what passing noise adds to it. */
function spreadBetween(pods: readonly RunningSeries[]): LastingSpread | null {
  if (pods.length < fewestPods) return null;
  const between = RunningSeries.of(pods.map((pod) => pod.mean())).autocorrelation().sampleVariance;
  const passing = pods.reduce((sum, pod) => sum + pod.autocorrelation().longRunVarianceAr1 / pod.count, 0) / (pods.length - 1); // each pod is in the mean that it is held against
  return { deviation: Math.sqrt(Math.max(0, between - passing)), pods: pods.length };
}

/**
 * How far pods alone may carry the difference of two cohorts: in one of a hundred pairs of cohorts they carry it further.
 *
 * Assumes that the lasting levels of pods are normal; by Student's t, because few pods are known.
 *
 * @param variances  variance of the difference in units of one pod's: Σ 1 / pods of its cohorts
 */
export function roomForLasting({ deviation, pods }: LastingSpread, variances: number): number {
  return studentTQuantile(1 - chanceOfUnluckyPods, pods - 1) * deviation * Math.sqrt(variances);
}
