import type { Gap, Measurement, PodSpreadRule, PodsOfEvidence, Sample } from '../domain/index.js';
import { effectiveRatio, PodsSeen, type PodWindow } from '../statistics/index.js';
import { PodsServing } from './pods-serving.js';
import type { Tolerance } from './tolerance.js';
import type { Subject } from './weighing.js';

/** What each pod of a cohort did in one window; null where its pods are not told apart. */
export type ReadPods = (sample: Sample | Gap) => ReadonlyMap<string, PodWindow> | null;

/** What is known of pods when a window is judged. */
export interface PodsOfWindow {
  /** pods of like traffic that served up to this window, ≥ 1 */
  readonly canaryPods: number;
  readonly baselinePods: number;
  /** ≥ 1: the dispersion is at least this */
  readonly phi: number;
}

/** Chance that pods alone carry a healthy canary beyond the widened margin (statistics §D.6). */
const chanceOfUnluckyPods = 0.01;

/** How many times the ratio of a margin is taken in a window, because its pods differ by tau; below 1 where tau is negative. */
function roomForPods(tau: number, { canaryPods, baselinePods }: PodsOfWindow): number {
  if (tau === 0) return 1;
  const room = effectiveRatio(1, Math.abs(tau), { canaryPods, baselinePods, alpha: chanceOfUnluckyPods });
  return tau > 0 ? room : 1 / room;
}

/** A tolerance as one window is judged by it. */
export const inWindow = (tolerance: Tolerance, pods: PodsOfWindow): Tolerance =>
  tolerance.tau ? { margin: tolerance.margin, factor: tolerance.factor * roomForPods(tolerance.tau, pods) } : tolerance;

/**
 * Room for the differences between pods of one and the same release, so that one unlucky pod is not taken for a bad release.
 *
 * How much pods differ (tau) is learned from the baseline's, before the run and in it. Each look judges all windows with what is known by
 * then, as it does with reference periods: a wider margin only ever lowers the evidence, so that evidence at a margin that is wide enough
 * is never more than that at the true one. Whether it is wide enough is up to tau: it must be large enough at every look, and is 0 until
 * six pods had traffic for 50 events each. How many pods there are is part of the plan of a window, as its traffic is, and each window
 * keeps its own: a canary that began with one pod proves no more with that pod's windows when it has ten.
 */
export class PodSpread {
  private readonly seen: PodsSeen;
  private readonly serving = { baseline: new PodsServing(), canary: new PodsServing() };
  private readonly rule: PodSpreadRule;
  private newest: PodsOfWindow = { canaryPods: 1, baselinePods: 1, phi: 1 };

  /** @param kind  shares of observations, or rates of events per exposure */
  constructor(
    { template, history }: Pick<Subject, 'template' | 'history'>,
    private readonly podsOf: ReadPods,
    kind: 'shares' | 'rates' = 'shares',
  ) {
    this.rule = template.cohorts.podSpread ?? 'ignore';
    this.seen = new PodsSeen(kind);
    for (const { baseline } of history) this.learn(podsOf(baseline));
  }

  /** What is known of the pods of the next window of the run, which is learned from right after. */
  next({ baseline, canary }: Measurement): PodsOfWindow {
    const [ofBaseline, ofCanary] = [this.podsOf(baseline), this.podsOf(canary)];
    this.serving.baseline.add(ofBaseline);
    this.serving.canary.add(ofCanary);
    const [canaryPods, baselinePods] = [this.serving.canary.effective(), this.serving.baseline.effective()];
    const dispersed = this.rule !== 'ignore' && this.seen.tau() === 0;
    this.newest = { canaryPods, baselinePods, phi: dispersed ? this.seen.designEffect() : 1 };
    this.learn(ofBaseline);
    return this.newest;
  }

  /** How unlike pods are, for each side of the question. */
  tau(): { readonly harm: number; readonly safe: number } {
    const harm = this.rule === 'ignore' ? 0 : inSteps(this.seen.tau());
    return { harm, safe: this.rule === 'strict' && harm > 0 ? -harm : 0 };
  }

  /** What this look is taken with; nothing where no pod is known. */
  evidence(): { readonly pods?: PodsOfEvidence } {
    const [baseline, canary] = [this.serving.baseline.count, this.serving.canary.count];
    if (baseline + canary === 0) return {};
    const tau = this.tau().harm;
    return { pods: { baseline, canary, tau, factor: roomForPods(tau, this.newest) } };
  }

  inWords(): string[] {
    const { pods } = this.evidence();
    if (!pods) return [];
    const few = this.rule !== 'ignore' && !this.seen.hasEnoughPods() ? [fewPods] : [];
    return [...roomInWords(pods), ...few, ...(pods.canary === 1 && pods.baseline > 1 ? [singlePod] : [])];
  }

  private learn(pods: ReadonlyMap<string, PodWindow> | null): void {
    if (pods && this.rule !== 'ignore') this.seen.learn(pods);
  }
}

/** Up to the next of steps of 2 %: an estimate moves a little with each window, and each step judges all windows anew. */
function inSteps(tau: number): number {
  return tau === 0 ? 0 : 1.02 ** Math.ceil(Math.log(tau) / Math.log(1.02));
}

/** Healthy runs of 5 pods against 1 that differ by 30 %: 5.7 % are rolled back at a margin of 25 % and 0.1 points, 13 % at 10 % and 0.05 points. */
const fewPods =
  'fewer than 6 pods of the baseline were seen: how much pods differ anyhow is not known, and a margin smaller than that blames healthy releases';

const singlePod = 'the canary has a single pod: a bad pod cannot be told from a bad release; more, smaller pods prove more';

function roomInWords({ tau, baseline, canary, factor }: PodsOfEvidence): string[] {
  if (factor === 1) return [];
  const unlike = `pods of the baseline differ by ${Math.round(100 * Math.expm1(tau))} % beyond chance`;
  const counted = `with ${canary} canary and ${baseline} baseline ${baseline === 1 ? 'pod' : 'pods'}`;
  return [`${unlike}: ${counted} harm must be ${Number(factor.toPrecision(3))} times as large to be seen`];
}

/** Pods of a proportion. One nameless pod says that pods are not told apart. */
export const podsOfCounts: ReadPods = (sample) => (sample.kind === 'counts' && !('' in sample.pods) ? mapOf(sample.pods) : null);

/** Pods of a rate. */
export const podsOfRate: ReadPods = (sample) =>
  sample.kind === 'rate' && sample.pods
    ? new Map(Object.entries(sample.pods).map(([pod, { events, exposure }]) => [pod, { events, total: exposure }]))
    : null;

/** Pods of one percentile: how much lies beyond the cohort's own percentile of the same window. @param index  of the percentile in the metric's `at` */
export const podsOfTail =
  (index: number, direction: 'increase' | 'decrease'): ReadPods =>
  (sample) => {
    if (sample.kind !== 'distribution' || !sample.pods) return null;
    return new Map(
      Object.entries(sample.pods).map(([pod, { total, above }]) => {
        const beyond = above[index] ?? 0;
        return [pod, { total, events: direction === 'increase' ? beyond : total - beyond }];
      }),
    );
  };

const mapOf = (pods: Readonly<Record<string, PodWindow>>): ReadonlyMap<string, PodWindow> => new Map(Object.entries(pods));
