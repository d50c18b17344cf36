import { clusterRatio } from './cluster-ratio.js';
import { clustersOfPod, fewestPods, podHeterogeneity } from './pod-heterogeneity.js';

/** What one pod did in one window. */
export interface PodWindow {
  /** observations, or exposure in any unit */
  readonly total: number;
  readonly events: number;
}

interface Pod {
  events: number;
  /** events it would have had at the rate of its cohort in each of its windows */
  expected: number;
  /** events beyond expectation in its newest window, and the variance of that number; null: it is new */
  newest: { surplus: number; variance: number } | null;
}

/**
 * Pods that differ by little pass a test by luck, and then look far more unlike than they are: at 5 %, a quarter of the services whose pods
 * differ by a tenth got half a margin more than they need, at 1 % an eighth; the rate of false alarms is the same.
 */
const surelyUnlike = 0.01;

/** From so many clusters on their variance speaks for itself (statistics §D.6). */
const fewestClusters = 30;

/**
 * How much the pods of one cohort differ, learned window by window.
 *
 * A pod is measured against its cohort *in the same windows*, so that neither a swinging rate nor pods that come and go make it look
 * different. How many events of a pod come together is learned from neighbouring windows of the pod, in which its own level
 * cancels, so that bursts are not taken for unlike pods.
 *
 * @see podHeterogeneity
 */
export class PodsSeen {
  private readonly pods = new Map<string, Pod>();
  private events = 0;
  private total = 0;
  private observed = 0;
  private expected = 0;
  /** null: not known since the last lesson */
  private knownTau: number | null = null;

  /** @param kind  shares: events are some of the observations; rates: any number of events in an exposure */
  constructor(private readonly kind: 'shares' | 'rates') {}

  /** One window of the cohort, in order of time. @param pods  by name; those without observations teach nothing */
  learn(pods: ReadonlyMap<string, PodWindow>): void {
    let [total, events] = [0, 0];
    for (const pod of pods.values()) {
      total += pod.total;
      events += pod.events;
    }
    if (!(total > 0)) return;
    this.knownTau = null;
    this.total += total;
    this.events += events;
    const rate = events / total;
    const ofOne = this.kind === 'shares' ? Math.max(0, 1 - rate) : 1;
    for (const [name, window] of pods) {
      if (!(window.total > 0)) continue;
      const expected = window.total * rate;
      this.follow(name, window.events, expected, expected * ofOne * (1 - window.total / total));
    }
  }

  private follow(name: string, events: number, expected: number, variance: number): void {
    const pod = this.pods.get(name) ?? { events: 0, expected: 0, newest: null };
    this.pods.set(name, pod);
    const surplus = events - expected;
    if (pod.newest !== null) {
      this.observed += (surplus - pod.newest.surplus) ** 2;
      this.expected += variance + pod.newest.variance;
    }
    pod.newest = { surplus, variance };
    pod.events += events;
    pod.expected += expected;
  }

  /** How many events of one pod come together, ≥ 1. */
  dispersion(): number {
    return this.expected > 0 ? Math.max(1, this.observed / this.expected) : 1;
  }

  /** There are so many pods that their unlikeness can be told at all, once each has had its traffic. */
  hasEnoughPods(): boolean {
    return this.pods.size >= fewestPods;
  }

  /** Standard deviation of the logarithm of the pods' levels; 0 unless 6 pods with traffic for 50 clusters of events each are unlike at 1 %. */
  tau(): number {
    this.knownTau ??= this.tauOfNow();
    return this.knownTau;
  }

  private tauOfNow(): number {
    const dispersion = this.dispersion();
    const known = this.asCounts().filter(({ expected }) => expected >= clustersOfPod * dispersion);
    if (known.length < fewestPods) return 0;
    const { tau, p } = podHeterogeneity(known, dispersion);
    return p < surelyUnlike ? tau : 0;
  }

  /** How much more the cohort's proportion varies than that of independent observations, pods being what was drawn; 1 below 30 pods. */
  designEffect(): number {
    const counts = this.asCounts();
    return counts.length < fewestClusters || this.events === 0 ? 1 : Math.max(1, clusterRatio(counts).designEffect);
  }

  /** Pods as if each had served at the average rate all the time. A rate counts units so small that none has two events. */
  private asCounts(): { total: number; events: number; expected: number }[] {
    const rate = this.kind === 'shares' ? this.events / this.total : 1e-9;
    return [...this.pods.values()].flatMap(({ events, expected }) => (expected > 0 ? [{ events, expected, total: expected / rate }] : []));
  }
}
