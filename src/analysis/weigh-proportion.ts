import type { CohortSummary, Counts, Margin, Measurement } from '../domain/index.js';
import {
  type AffineMargin,
  bet1Increments,
  bet2Increments,
  type OneArmWindow,
  type PastDispersion,
  proportionBounds,
  proportionDispersion,
  riskDifferenceBounds,
  type Side,
  type TwoArmWindow,
} from '../statistics/index.js';
import { BetOnTolerance } from './bet-on-tolerance.js';
import { healthyGrowth } from './healthy-growth.js';
import { LevelShift, shiftInWords } from './level-shift.js';
import { inWindow, PodSpread, type PodsOfWindow, podsOfCounts } from './pod-spread.js';
import { PredictableBase } from './predictable-base.js';
import { RecentInterval, staggerOf } from './recent-interval.js';
import { type Tolerance, widened } from './tolerance.js';
import { isUsable } from './usable-window.js';
import {
  type Answer,
  type Asked,
  affine,
  affineOnComplement,
  askEachDirection,
  harmCap,
  type OneDirection,
  type Question,
  type Subject,
  safeMarginOf,
  sampleOf,
  samplesOf,
  type Weigher,
} from './weighing.js';

const none: Counts = { total: 0, events: 0 };

/** Events among observations of both cohorts, against each other or against a limit. */
export function weighProportion(subject: Subject): Weigher {
  const { margin, limit } = subject.metric;
  return askEachDirection(subject, (direction) =>
    margin === null ? new AgainstLimit(subject, direction, limit ?? 0) : new AgainstBaseline(subject, direction, margin),
  );
}

/** Counts of both cohorts, and how many pods they come from. */
type WindowOfPods = TwoArmWindow & { readonly pods: PodsOfWindow };

/** Is the canary's proportion within the margin of the baseline's? */
class AgainstBaseline implements Question {
  private readonly windows: WindowOfPods[] = [];
  private readonly dispersion: PastDispersion<Counts>;
  private readonly base: PredictableBase;
  private readonly shift = new LevelShift();
  private readonly pods: PodSpread;
  private readonly shown = { baseline: new CountedSum(), canary: new CountedSum() };
  private readonly harm: BetOnTolerance<WindowOfPods>;
  private readonly safe: BetOnTolerance<WindowOfPods>;
  private readonly interval: RecentInterval<WindowOfPods>;
  private readonly turn: (counts: Counts) => Counts;
  private usable = 0;
  private phi = 1;

  constructor(
    private readonly subject: Subject,
    private readonly direction: OneDirection,
    private readonly margin: Margin,
  ) {
    const { template, history, starts } = subject;
    this.turn = direction === 'decrease' ? complement : identity;
    const before = samplesOf(history, 'baseline', 'counts').flatMap((sample) => (sample ? [this.turn(sample)] : []));
    this.dispersion = proportionDispersion(before);
    this.base = new PredictableBase(before);
    this.pods = new PodSpread(subject, podsOfCounts);
    for (const reading of history) this.learnShift(reading);
    const cap = harmCap(template);
    this.harm = new BetOnTolerance(
      this.windows,
      (window, tolerance, into) => this.increments(window, tolerance, 'harm', cap, into),
      starts,
    );
    this.safe = new BetOnTolerance(this.windows, (window, tolerance, into) => this.increments(window, tolerance, 'safe', null, into));
    this.interval = new RecentInterval(
      this.windows,
      (windows) => differenceBounds(windows, template.budget.falsePromote),
      staggerOf(subject),
    );
  }

  add(reading: Measurement): void {
    const [shownBaseline, shownCanary] = [sampleOf(reading.baseline, 'counts') ?? none, sampleOf(reading.canary, 'counts') ?? none];
    const [baseline, canary] = [this.turn(shownBaseline), this.turn(shownCanary)];
    const pods = this.pods.next(reading);
    const window: WindowOfPods = {
      canaryTotal: canary.total,
      canaryEvents: canary.events,
      baselineTotal: baseline.total,
      baselineEvents: baseline.events,
      phi: Math.max(this.dispersion.phi(), pods.phi),
      base: this.base.guess(),
      pods,
    };
    this.windows.push(window);
    this.dispersion.learn(baseline, canary);
    this.base.learn(baseline);
    this.learnShift(reading);
    if (!isUsable(window)) return;
    this.usable += 1;
    this.phi = window.phi;
    this.shown.baseline.add(shownBaseline);
    this.shown.canary.add(shownCanary);
  }

  answer({ phase, intervals }: Asked): Answer {
    const { margin } = this;
    const shift = this.shift.factor();
    const tau = this.pods.tau();
    const harm = { margin, factor: shift };
    const { low, high } = this.interval.of(intervals);
    const [baseline, canary] = [this.shown.baseline.summary(), this.shown.canary.summary()];
    const sign = this.direction === 'decrease' ? -1 : 1;
    const safe = { margin: safeMarginOf(this.subject, phase) ?? margin, factor: 1 / shift };
    return {
      logHarm: this.harm.logE({ ...harm, tau: tau.harm }),
      logSafe: this.safe.logE({ ...safe, tau: tau.safe }),
      healthyGrowth: this.growthIfHealthy(safe),
      effect: { low, high, estimate: canary.value === null || baseline.value === null ? null : sign * (canary.value - baseline.value) },
      effectKind: 'difference',
      margin: widened(harm, this.direction).relative * (baseline.value ?? 0) + margin.absolute,
      baseline,
      canary,
      phi: this.phi,
      ...this.pods.evidence(),
      windows: this.usable,
      warnings: [...shiftInWords(shift), ...this.pods.inWords()],
    };
  }

  private learnShift(reading: Measurement): void {
    this.shift.learn(reading, (sample) => (sample.kind === 'counts' ? { events: sample.events, exposure: sample.total } : null));
  }

  /** If both cohorts fail as often as all requests so far. */
  private growthIfHealthy(tolerance: Tolerance): number | null {
    const [baseline, canary] = [this.turn(this.shown.baseline.counts()), this.turn(this.shown.canary.counts())];
    const share = (baseline.events + canary.events + 0.5) / (baseline.total + canary.total + 1);
    const margin = this.stated(tolerance);
    const base = Math.min(this.base.guess(), PredictableBase.highest(margin));
    return healthyGrowth({ canary: share, baseline: share }, canary.total / baseline.total, base, margin);
  }

  /** The tolerated region of the test, which counts what is worse. */
  private stated(tolerance: Tolerance): AffineMargin {
    return (this.direction === 'decrease' ? affineOnComplement : affine)(widened(tolerance, this.direction));
  }

  private increments(window: WindowOfPods, tolerance: Tolerance, side: Side, cap: number | null, into: Float64Array): Float64Array {
    const margin = this.stated(inWindow(tolerance, window.pods));
    if (margin.offset >= 1) return into.fill(0); // everything is tolerated: nothing can be won or lost
    return bet2Increments(PredictableBase.within(window, margin), margin, side, cap, into);
  }
}

function differenceBounds(windows: readonly TwoArmWindow[], alpha: number): { low: number; high: number } {
  if (!windows.some(isUsable)) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const baseReference = windows.find(({ base }) => base > 0 && base < 1)?.base ?? 0;
  return riskDifferenceBounds(windows, alpha, baseReference, 1e-4);
}

/** Is the canary's proportion below a bound, whatever the baseline's is? The baseline is shown beside it. */
class AgainstLimit implements Question {
  private readonly windows: OneArmWindow[] = [];
  private readonly dispersion: PastDispersion<Counts>;
  private readonly shown = { baseline: new CountedSum(), canary: new CountedSum() };
  private readonly harm: BetOnTolerance<OneArmWindow>;
  private readonly safe: BetOnTolerance<OneArmWindow>;
  private readonly interval: RecentInterval<OneArmWindow>;
  private readonly turn: (counts: Counts) => Counts;
  private usable = 0;
  private phi = 1;

  constructor(
    subject: Subject,
    private readonly direction: OneDirection,
    private readonly limit: number,
  ) {
    const { template, history, starts } = subject;
    this.turn = direction === 'decrease' ? complement : identity;
    this.dispersion = proportionDispersion(
      samplesOf(history, 'baseline', 'counts').flatMap((sample) => (sample ? [this.turn(sample)] : [])),
    );
    const bound = direction === 'decrease' ? 1 - limit : limit;
    const cap = harmCap(template);
    this.harm = new BetOnTolerance(this.windows, (window) => bet1Increments(window, bound, 'harm', cap), starts);
    this.safe = new BetOnTolerance(this.windows, (window) => bet1Increments(window, bound, 'safe'));
    this.interval = new RecentInterval(this.windows, (windows) => shareBounds(windows, template.budget.falsePromote), staggerOf(subject));
  }

  add(reading: Measurement): void {
    const counts = sampleOf(reading.canary, 'counts') ?? none;
    const canary = this.turn(counts);
    const phi = this.dispersion.phi();
    this.windows.push({ total: canary.total, events: canary.events, phi });
    this.dispersion.learn(none, canary);
    this.shown.baseline.add(sampleOf(reading.baseline, 'counts') ?? none);
    this.shown.canary.add(counts);
    if (canary.total === 0) return;
    this.usable += 1;
    this.phi = phi;
  }

  answer({ intervals }: Asked): Answer {
    const canary = this.shown.canary.summary();
    const interval = this.interval.of(intervals);
    const [low, high] = intervals === 'none' ? [0, 1] : [Math.max(0, interval.low), Math.min(1, interval.high)];
    const tolerance = { margin: { relative: 0, absolute: this.limit }, factor: 1 };
    return {
      logHarm: this.harm.logE(tolerance),
      logSafe: this.safe.logE(tolerance),
      effect: { ...(this.direction === 'decrease' ? { low: 1 - high, high: 1 - low } : { low, high }), estimate: canary.value },
      effectKind: 'level',
      margin: this.limit,
      baseline: this.shown.baseline.summary(),
      canary,
      phi: this.phi,
      windows: this.usable,
      warnings: [],
    };
  }
}

function shareBounds(windows: readonly OneArmWindow[], alpha: number): { low: number; high: number } {
  const usable = windows.filter(({ total }) => total > 0);
  return usable.length > 0 ? proportionBounds(usable, alpha, 1e-4) : { low: 0, high: 1 };
}

const identity = ({ total, events }: Counts): Counts => ({ total, events });

const complement = ({ total, events }: Counts): Counts => ({ total, events: total - events });

/** Counts of many windows, as people know them. */
class CountedSum {
  private total = 0;
  private events = 0;

  add({ total, events }: Counts): void {
    this.total += total;
    this.events += events;
  }

  counts(): Counts {
    return { total: this.total, events: this.events };
  }

  summary(): CohortSummary {
    return { count: this.total, value: this.total > 0 ? this.events / this.total : null };
  }
}
