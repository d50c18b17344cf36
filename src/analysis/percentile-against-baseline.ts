import type { CohortName, CohortSummary, Margin, Measurement } from '../domain/index.js';
import {
  bet2Increments,
  canaryThreshold,
  countAbove,
  type ExceedanceWindow,
  exceedanceDispersion,
  exceedanceRatioBounds,
  type Histogram,
  histogramCount,
  type Side,
  snapToBound,
  type TwoArmWindow,
} from '../statistics/index.js';
import { BetOnTolerance } from './bet-on-tolerance.js';
import { healthyGrowth } from './healthy-growth.js';
import { LevelShift, shiftInWords } from './level-shift.js';
import { inWindow, PodSpread, type PodsOfWindow, podsOfTail } from './pod-spread.js';
import { PredictableReference } from './predictable-reference.js';
import { RecentInterval, staggerOf } from './recent-interval.js';
import { beyond, ShownDistribution } from './shown-distribution.js';
import { isUsable } from './usable-window.js';
import {
  type Answer,
  type Asked,
  affine,
  harmCap,
  type OneDirection,
  type Question,
  type Subject,
  safeMarginOf,
  sampleOf,
  samplesOf,
  unbounded,
} from './weighing.js';

/** One window of both cohorts, and what was known before it. */
interface ComparedWindow {
  readonly baseline: Histogram | null;
  readonly canary: Histogram | null;
  /** the baseline's percentile, in the histogram's unit; null: not known yet */
  readonly reference: number | null;
  /** how many pods the counts come from */
  readonly pods: PodsOfWindow;
  /** the reference, moved to a bucket edge of the baseline */
  readonly threshold: number;
  /** counts against the margin of harm */
  readonly counts: TwoArmWindow;
}

/** Is the canary's percentile within the margin of the baseline's? Asked as a share of observations beyond a reference. */
export class PercentileAgainstBaseline implements Question {
  private readonly windows: ComparedWindow[] = [];
  private readonly references = new PredictableReference();
  private readonly dispersion = exceedanceDispersion();
  private readonly shift = new LevelShift();
  private readonly pods: PodSpread;
  private readonly unused = { baseline: new ShownDistribution(), canary: new ShownDistribution() };
  private readonly used = { baseline: new ShownDistribution(), canary: new ShownDistribution() };
  private readonly harm: BetOnTolerance<ComparedWindow>;
  private readonly safe: BetOnTolerance<ComparedWindow>;
  private readonly interval: RecentInterval<ComparedWindow>;
  /** newest window with a reference */
  private newest: ComparedWindow | null = null;
  private usable = 0;
  private phi = 1;

  constructor(
    private readonly subject: Subject,
    private readonly p: number,
    private readonly direction: OneDirection,
    private readonly margin: Margin,
  ) {
    const { template, metric, history, starts } = subject;
    const part = metric.kind === 'percentiles' ? metric.at.indexOf(p) : 0;
    this.pods = new PodSpread(subject, podsOfTail(part, direction));
    for (const reading of history) this.shift.learn(reading, () => null);
    for (const sample of samplesOf(history, 'baseline', 'distribution')) if (sample) this.learn(sample.histogram);
    const cap = harmCap(template);
    this.harm = new BetOnTolerance(
      this.windows,
      ({ counts, pods }, tolerance, into) =>
        bet2Increments(counts, { ratio: inWindow(tolerance, pods).factor, offset: 0 }, 'harm', cap, into),
      starts,
    );
    this.safe = new BetOnTolerance(this.windows, (window, tolerance, into) => {
      const counts = this.countSafe(window, tolerance.margin);
      return bet2Increments(counts, { ratio: inWindow(tolerance, window.pods).factor, offset: 0 }, 'safe', null, into);
    });
    this.interval = new RecentInterval(
      this.windows,
      (windows) => changeBounds(windows, p, template.budget.falsePromote, direction),
      staggerOf(subject, part),
    );
  }

  add(reading: Measurement): void {
    const baseline = sampleOf(reading.baseline, 'distribution')?.histogram ?? null;
    const canary = sampleOf(reading.canary, 'distribution')?.histogram ?? null;
    const reference = this.references.percentile(this.p);
    const pods = this.pods.next(reading);
    const beyondReference = { baseline: exceedances(baseline, reference), canary: exceedances(canary, reference) };
    const { threshold } = beyondReference.baseline;
    const counts = this.countHarm(beyondReference, Math.max(this.dispersion.phi(), pods.phi));
    const window = { baseline, canary, reference, pods, threshold, counts };
    this.windows.push(window);
    this.references.learn(baseline);
    this.dispersion.learn(beyondReference.baseline, beyondReference.canary);
    this.learnShift(reading, reference);
    if (reference !== null) this.newest = window;
    if (this.usable === 0 && baseline) this.unused.baseline.add(baseline);
    if (this.usable === 0 && canary) this.unused.canary.add(canary);
    if (!isUsable(counts) || !baseline || !canary) return;
    this.usable += 1;
    this.phi = counts.phi;
    this.used.baseline.add(baseline);
    this.used.canary.add(canary);
  }

  answer({ phase, intervals }: Asked): Answer {
    const { margin, p } = this;
    const shift = this.shift.factor();
    const tau = this.pods.tau();
    const shown = this.usable > 0 ? this.used : this.unused; // before there is a reference
    const [baseline, canary] = [shown.baseline.summary(p), shown.canary.summary(p)];
    const sign = this.direction === 'decrease' ? -1 : 1;
    const estimate = canary.value === null || !baseline.value ? null : sign * (canary.value / baseline.value - 1);
    const { low, high } = this.interval.of(intervals);
    const safeMargin = safeMarginOf(this.subject, phase) ?? margin;
    // the margin is in the value that is exceeded: the shares themselves differ by no more than the time does
    return {
      logHarm: this.harm.logE({ margin, factor: shift, tau: tau.harm }),
      logSafe: this.safe.logE({ margin: safeMargin, factor: 1 / shift, tau: tau.safe }),
      effect: { low, high, estimate },
      effectKind: 'ratio',
      healthyGrowth: this.growthIfHealthy(safeMargin, baseline, canary.count),
      margin: margin.relative + (baseline.value ? margin.absolute / baseline.value : 0),
      baseline,
      canary,
      phi: this.phi,
      ...this.pods.evidence(),
      windows: this.usable,
      warnings: [...coarseBucketWarning(this.newest, margin), ...shiftInWords(shift), ...this.pods.inWords()],
    };
  }

  /** If the canary's distribution is the baseline's. */
  private growthIfHealthy(margin: Margin, { count, value }: CohortSummary, canaryCount: number): number | null {
    const baseline = this.used.baseline.histogram();
    if (this.usable === 0 || baseline === null || value === null) return null;
    const beyondMargin = this.eventsOf(baseline, count, snapToBound(baseline, value, 'nearest'), margin, 'safe') / count;
    const base = this.direction === 'decrease' ? this.p : 1 - this.p;
    return healthyGrowth({ canary: beyondMargin, baseline: base }, canaryCount / count, base, { ratio: 1, offset: 0 });
  }

  /** A baseline window from before the run. */
  private learn(histogram: Histogram): void {
    const reference = this.references.percentile(this.p);
    this.references.learn(histogram);
    this.dispersion.learn(exceedances(histogram, reference));
  }

  /** How often each reference period lay beyond the percentile predicted for its window. */
  private learnShift(reading: Measurement, reference: number | null): void {
    this.shift.learn(reading, (sample) => {
      if (sample.kind !== 'distribution' || !reference) return null;
      const { events, total } = beyond(sample.histogram, reference, this.direction, 'nearest');
      return { events, exposure: total };
    });
  }

  /** Where the canary's percentile is at the margin, both shares are equal. */
  private countHarm({ baseline, canary }: Record<CohortName, ExceedanceWindow>, phi: number): TwoArmWindow {
    const known = { phi, base: this.direction === 'decrease' ? this.p : 1 - this.p };
    if (!baseline.histogram || !canary.histogram || baseline.histogram.kind !== canary.histogram.kind) return { ...nothing, ...known };
    return {
      canaryTotal: canary.total,
      canaryEvents: this.eventsOf(canary.histogram, canary.total, baseline.threshold, this.margin, 'harm'),
      baselineTotal: baseline.total,
      baselineEvents: this.direction === 'decrease' ? baseline.total - baseline.above : baseline.above,
      ...known,
    };
  }

  /** The same, with the canary counted for the safe side of some margin. */
  private countSafe({ canary, counts, threshold }: ComparedWindow, margin: Margin): TwoArmWindow {
    if (!canary || !isUsable(counts)) return counts;
    const { canaryTotal, baselineTotal, baselineEvents, phi, base } = counts;
    const canaryEvents = this.eventsOf(canary, canaryTotal, threshold, margin, 'safe');
    return { canaryTotal, canaryEvents, baselineTotal, baselineEvents, phi, base };
  }

  /** Observations of the canary on the worse side of the margin. */
  private eventsOf(canary: Histogram, total: number, threshold: number, margin: Margin, side: Side): number {
    if (this.direction === 'increase') return countAbove(canary, canaryThreshold(canary, threshold, affine(margin), side));
    // smaller is worse: what lies below counts, and is snapped the other way, so that bucket error stays conservative
    const below = { ratio: 1 - margin.relative, offset: -margin.absolute };
    return total - countAbove(canary, canaryThreshold(canary, threshold, below, side === 'harm' ? 'safe' : 'harm'));
  }
}

/** What a cohort's window teaches about dispersion: nothing while there is no reference. */
function exceedances(histogram: Histogram | null, reference: number | null): ExceedanceWindow {
  if (histogram === null || reference === null) return { histogram: null, threshold: 0, total: 0, above: 0 };
  const threshold = snapToBound(histogram, reference, 'nearest');
  return { histogram, threshold, total: histogramCount(histogram), above: countAbove(histogram, threshold) };
}

const nothing = { canaryTotal: 0, canaryEvents: 0, baselineTotal: 0, baselineEvents: 0 };

/** Bounds of canary ÷ baseline percentile − 1, turned so that positive is worse. */
function changeBounds(
  windows: readonly ComparedWindow[],
  p: number,
  alpha: number,
  direction: OneDirection,
): { low: number; high: number } {
  const compared = windows.flatMap(({ baseline, canary, reference, counts }) =>
    isUsable(counts) && baseline && canary && reference ? [{ baseline, canary, reference, phi: counts.phi }] : [],
  );
  if (compared.length === 0) return unbounded;
  const { low, high } = exceedanceRatioBounds(compared, p, alpha);
  return direction === 'decrease' ? { low: 1 - high, high: 1 - low } : { low: low - 1, high: high - 1 };
}

/** Classic buckets can be too wide for the margin: then neither side can be proven, and the author should know. */
function coarseBucketWarning(newest: ComparedWindow | null, { relative, absolute }: Margin): string[] {
  if (!newest?.reference || !newest.baseline) return [];
  const { reference, baseline } = newest;
  const tolerated = relative + absolute / reference;
  const snapped = snapToBound(baseline, reference, 'nearest');
  const wanted = snapped * (1 + relative) + absolute;
  const error = (snapToBound(baseline, wanted, 'up') - wanted) / snapped;
  if (!(error > tolerated / 3)) return [];
  return [
    `histogram buckets are too wide for this margin: the next bound is ${Math.round(100 * error)} % above it; add a bucket bound there or use exponential histograms`,
  ];
}
