import type { Gap, Measurement, PodsOfEvidence, Sample } from '../domain/index.js';
import { effectiveRatio, PodsSeen, type PodWindow } from '../statistics/index.js';
import { PodsServing } from './pods-serving.js';
import type { Subject } from './weighing.js';

/** What each pod of a cohort did in one window; null where its pods are not told apart. */
export type ReadPods = (sample: Sample | Gap) => ReadonlyMap<string, PodWindow> | null;

/** What unlike pods do to the judging of one window. */
export interface SpreadOfWindow {
  /** ≥ 1: factor on the ratio that harm must exceed */
  readonly harm: number;
  /** ≤ 1: factor on the ratio that is safe; 1 unless the template is strict */
  readonly safe: number;
  /** ≥ 1: the dispersion is at least this */
  readonly phi: number;
}

/** Chance that pods alone carry a healthy canary beyond the widened margin (statistics §D.6). */
const chanceOfUnluckyPods = 0.01;

const alike: SpreadOfWindow = { harm: 1, safe: 1, phi: 1 };

/**
 * Room for the differences between pods of one and the same release, so that one unlucky pod is not taken for a bad release.
 *
 * How much pods differ is learned from the baseline's, before the run and in it, and only from windows before the one that is judged.
 * How many pods there are is the plan of the window, as its traffic is: it depends on no outcome, so the window's own are counted.
 * Each window keeps the room that it was judged with: a canary that began with one pod proves as little with that pod's windows
 * when it has ten, and new windows count at the narrower margin. So every window's bet is fair by what was known before it.
 */
export class PodSpread {
  private readonly seen: PodsSeen;
  private readonly serving = { baseline: new PodsServing(), canary: new PodsServing() };
  private tau = 0;
  private factor = 1;

  /** @param kind  shares of observations, or rates of events per exposure */
  constructor(
    private readonly subject: Pick<Subject, 'template' | 'history'>,
    private readonly podsOf: ReadPods,
    kind: 'shares' | 'rates' = 'shares',
  ) {
    this.seen = new PodsSeen(kind);
    for (const { baseline } of subject.history) this.seen.learn(podsOf(baseline) ?? new Map());
  }

  /** The room for the next window of the run, which is learned from right after. */
  next({ baseline, canary }: Measurement): SpreadOfWindow {
    const [ofBaseline, ofCanary] = [this.podsOf(baseline), this.podsOf(canary)];
    this.serving.baseline.add(ofBaseline);
    this.serving.canary.add(ofCanary);
    const spread = this.spread();
    if (ofBaseline) this.seen.learn(ofBaseline);
    return spread;
  }

  /** What the newest window was judged with; nothing where no pod is known. */
  evidence(): { readonly pods?: PodsOfEvidence } {
    const [baseline, canary] = [this.serving.baseline.count, this.serving.canary.count];
    return baseline + canary === 0 ? {} : { pods: { baseline, canary, tau: this.tau, factor: this.factor } };
  }

  inWords(): string[] {
    const { pods } = this.evidence();
    if (!pods) return [];
    return [...roomInWords(pods), ...(pods.canary === 1 && pods.baseline > 1 ? [singlePod] : [])];
  }

  private spread(): SpreadOfWindow {
    const { podSpread = 'ignore' } = this.subject.template.cohorts;
    if (podSpread === 'ignore') return alike;
    this.tau = this.seen.tau();
    if (this.tau === 0) {
      this.factor = 1;
      return { ...alike, phi: this.seen.designEffect() };
    }
    const [canaryPods, baselinePods] = [this.serving.canary.effective(), this.serving.baseline.effective()];
    this.factor = effectiveRatio(1, this.tau, { canaryPods, baselinePods, alpha: chanceOfUnluckyPods });
    return { harm: this.factor, safe: podSpread === 'strict' ? 1 / this.factor : 1, phi: 1 };
  }
}

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
