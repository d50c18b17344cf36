import type { CohortName, CohortSummary, Margin, Measurement } from '../domain/index.js';
import {
  bet1PoissonIncrements,
  bet2PoissonIncrements,
  type ExposureWindow,
  type PastDispersion,
  type RateWindow,
  rateDifferenceBounds,
  rateDispersion,
} from '../statistics/index.js';
import { BetOnTolerance } from './bet-on-tolerance.js';
import { LevelShift, shiftInWords } from './level-shift.js';
import { inWindow, PodSpread, type PodsOfWindow, podsOfRate } from './pod-spread.js';
import { RecentInterval, staggerOf } from './recent-interval.js';
import { type Tolerance, widened } from './tolerance.js';
import {
  type Answer,
  type Asked,
  affine,
  askEachDirection,
  harmCap,
  type OneDirection,
  type Question,
  type Subject,
  safeMarginOf,
  sampleOf,
  samplesOf,
  unbounded,
  type Weigher,
} from './weighing.js';
import { withoutIncidents } from './without-incidents.js';

const none: RateWindow = { events: 0, exposure: 0 };

/** Events per exposure of both cohorts against each other, or of the canary against a limit. */
export function weighRate(subject: Subject): Weigher {
  const { margin, limit, harm } = subject.metric;
  if (margin === null && harm !== 'increase') return { add: () => undefined, findings: () => [] };
  return askEachDirection(subject, (direction) => new RateQuestion(subject, direction, margin ?? { limit: limit ?? 0 }));
}

/** Events and exposure of both cohorts, and how many pods they come from. */
type WindowOfPods = ExposureWindow & { readonly pods: PodsOfWindow };

/** Is the canary's rate within the margin of the baseline's, or below a limit? */
class RateQuestion implements Question {
  private readonly windows: WindowOfPods[] = [];
  private readonly dispersion: PastDispersion<RateWindow>;
  private readonly shift = new LevelShift();
  private readonly pods: PodSpread;
  private readonly shown: Readonly<Record<CohortName, RateSum>>;
  private readonly harm: BetOnTolerance<WindowOfPods>;
  private readonly safe: BetOnTolerance<WindowOfPods>;
  private readonly interval: RecentInterval<WindowOfPods>;
  private usable = 0;
  private phi = 1;

  constructor(
    private readonly subject: Subject,
    private readonly direction: OneDirection,
    private readonly claim: Margin | { readonly limit: number },
  ) {
    const { template, metric, history, starts } = subject;
    const counted = metric.kind === 'rate' && metric.per !== 'second' ? 'exposure' : 'events';
    this.shown = { baseline: new RateSum(counted), canary: new RateSum(counted) };
    this.dispersion = rateDispersion(withoutIncidents(samplesOf(history, 'baseline', 'rate').flatMap((sample) => sample ?? [])));
    this.pods = new PodSpread(subject, podsOfRate, 'rates');
    for (const reading of history) this.learnShift(reading);
    const increments = 'limit' in claim ? againstLimit(claim.limit) : againstBaseline(direction);
    const cap = harmCap(template);
    this.harm = new BetOnTolerance(this.windows, (window, tolerance) => increments(window, tolerance, 'harm', cap), starts);
    this.safe = new BetOnTolerance(this.windows, (window, tolerance) => increments(window, tolerance, 'safe', null));
    this.interval = new RecentInterval(
      this.windows,
      (windows) => ('limit' in claim ? unbounded : differenceBounds(windows, template.budget.falsePromote, direction)),
      staggerOf(subject),
    );
  }

  add(reading: Measurement): void {
    const [baseline, canary] = [sampleOf(reading.baseline, 'rate') ?? none, sampleOf(reading.canary, 'rate') ?? none];
    const pods = this.pods.next(reading);
    const phi = Math.max(this.dispersion.phi(), 'limit' in this.claim ? 1 : pods.phi);
    this.windows.push({
      canaryExposure: canary.exposure,
      canaryEvents: canary.events,
      baselineExposure: baseline.exposure,
      baselineEvents: baseline.events,
      phi,
      pods,
    });
    this.dispersion.learn(baseline, canary);
    this.learnShift(reading);
    this.shown.baseline.add(baseline);
    this.shown.canary.add(canary);
    if (canary.exposure === 0 || (baseline.exposure === 0 && !('limit' in this.claim))) return;
    this.usable += 1;
    this.phi = phi;
  }

  answer({ phase, intervals }: Asked): Answer {
    const { claim, direction } = this;
    const [baseline, canary] = [this.shown.baseline.summary(), this.shown.canary.summary()];
    const seen = { baseline, canary, phi: this.phi, ...this.pods.evidence(), windows: this.usable };
    const { low, high } = this.interval.of(intervals);
    if ('limit' in claim) {
      const tolerance = { margin: { relative: 0, absolute: claim.limit }, factor: 1 };
      const evidence = { logHarm: this.harm.logE(tolerance), logSafe: this.safe.logE(tolerance) };
      return {
        ...evidence,
        effect: { low, high, estimate: canary.value },
        effectKind: 'level',
        margin: claim.limit,
        warnings: [],
        ...seen,
      };
    }
    const shift = this.shift.factor();
    const tau = this.pods.tau();
    const harm = { margin: claim, factor: shift };
    const sign = direction === 'decrease' ? -1 : 1;
    return {
      logHarm: this.harm.logE({ ...harm, tau: tau.harm }),
      logSafe: this.safe.logE({ margin: safeMarginOf(this.subject, phase) ?? claim, factor: 1 / shift, tau: tau.safe }),
      effect: { low, high, estimate: canary.value === null || baseline.value === null ? null : sign * (canary.value - baseline.value) },
      effectKind: 'difference',
      margin: widened(harm, direction).relative * (baseline.value ?? 0) + claim.absolute,
      warnings: [...shiftInWords(shift), ...this.pods.inWords()],
      ...seen,
    };
  }

  private learnShift(reading: Measurement): void {
    this.shift.learn(reading, (sample) => (sample.kind === 'rate' ? sample : null));
  }
}

type Increments = (window: WindowOfPods, tolerance: Tolerance, side: 'harm' | 'safe', cap: number | null) => Float64Array;

function againstBaseline(direction: OneDirection): Increments {
  const marginIn = ({ pods }: WindowOfPods, tolerance: Tolerance): Margin => widened(inWindow(tolerance, pods), direction);
  if (direction === 'increase')
    return (window, tolerance, side, cap) => bet2PoissonIncrements(window, affine(marginIn(window, tolerance)), side, cap);
  return (window, tolerance, side, cap) => bet2PoissonIncrements(swapArms(window), affineOfSwapped(marginIn(window, tolerance)), side, cap);
}

/** canary ≥ (1 − relative) · baseline − absolute, stated with the arms exchanged. */
const affineOfSwapped = ({ relative, absolute }: Margin): { ratio: number; offset: number } => ({
  ratio: 1 / (1 - relative),
  offset: absolute / (1 - relative),
});

const swapArms = (window: ExposureWindow): ExposureWindow => ({
  canaryExposure: window.baselineExposure,
  canaryEvents: window.baselineEvents,
  baselineExposure: window.canaryExposure,
  baselineEvents: window.canaryEvents,
  phi: window.phi,
});

const againstLimit =
  (limit: number): Increments =>
  ({ canaryExposure, canaryEvents, phi }, _, side, cap) =>
    bet1PoissonIncrements({ exposure: canaryExposure, events: canaryEvents, phi }, limit, side, cap);

function differenceBounds(windows: readonly ExposureWindow[], alpha: number, direction: OneDirection): { low: number; high: number } {
  const usable = windows.filter((window) => window.canaryExposure > 0 && window.baselineExposure > 0);
  if (usable.length === 0) return unbounded;
  const { low, high } = rateDifferenceBounds(usable, alpha);
  return direction === 'decrease' ? { low: -high, high: -low } : { low, high };
}

/** Events of many windows, as people know them. */
class RateSum {
  private events = 0;
  private exposure = 0;

  /** @param counted  what is an observation: each thing among which events are counted, or, of a rate per second, each event */
  constructor(private readonly counted: 'events' | 'exposure') {}

  add({ events, exposure }: RateWindow): void {
    this.events += events;
    this.exposure += exposure;
  }

  summary(): CohortSummary {
    return { count: Math.floor(this[this.counted]), value: this.exposure > 0 ? this.events / this.exposure : null };
  }
}
