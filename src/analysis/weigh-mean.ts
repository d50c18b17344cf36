import type { CohortSummary, Margin, Measurement } from '../domain/index.js';
import {
  type AffineMargin,
  ExcessKurtosis,
  LoudestWindow,
  MeanDispersion,
  type Moments,
  meanDifferenceBounds,
  meanEvidence,
  StratifiedMeans,
} from '../statistics/index.js';
import {
  type Answer,
  type Asked,
  askEachDirection,
  type OneDirection,
  type Question,
  type Subject,
  safeMarginOf,
  sampleOf,
  samplesOf,
  unbounded,
  type Weigher,
} from './weighing.js';

/** Means per observation of both cohorts against each other; a limit is not supported by this kind. */
export function weighMean(subject: Subject): Weigher {
  const { margin } = subject.metric;
  if (margin === null) return { add: () => undefined, findings: () => [] };
  return askEachDirection(subject, (direction) => new MeanQuestion(subject, direction, margin));
}

/** Is the canary's mean within the margin of the baseline's? Everything is turned so that more is worse. */
class MeanQuestion implements Question {
  private readonly means = new StratifiedMeans();
  private readonly dispersion = new MeanDispersion();
  private readonly loudest: LoudestWindow;
  private readonly tails = { baseline: new ExcessKurtosis(), canary: new ExcessKurtosis() };
  private readonly shown = { baseline: new MeanSum(), canary: new MeanSum() };
  private readonly sign: 1 | -1;
  private windows = 0;

  constructor(
    private readonly subject: Subject,
    direction: OneDirection,
    private readonly margin: Margin,
  ) {
    this.sign = direction === 'decrease' ? -1 : 1;
    this.loudest = new LoudestWindow(this.stated(margin));
    for (const sample of samplesOf(subject.history, 'baseline', 'moments')) if (sample) this.dispersion.learn(sample);
  }

  add(reading: Measurement): void {
    const [baseline, canary] = [sampleOf(reading.baseline, 'moments'), sampleOf(reading.canary, 'moments')];
    if (!baseline || !canary || baseline.count === 0 || canary.count === 0) return;
    if (baseline.count >= 2 && canary.count >= 2) this.windows += 1;
    const turned = { baseline: this.turned(baseline), canary: this.turned(canary) };
    this.means.add(turned);
    this.loudest.add(turned);
    this.dispersion.learn(baseline, canary);
    this.tails.baseline.add(baseline);
    this.tails.canary.add(canary);
    this.shown.baseline.add(baseline);
    this.shown.canary.add(canary);
  }

  answer({ phase, intervals }: Asked): Answer {
    const { margin, means, sign } = this;
    const { budget } = this.subject.template;
    const [baseline, canary] = [this.shown.baseline.summary(), this.shown.canary.summary()];
    const phi = this.dispersion.phi();
    const says = this.windows >= fewestWindows;
    const { low, high } =
      intervals === 'none' || !says ? unbounded : meanDifferenceBounds(means, budget.falsePromote, bestInformation, phi);
    return {
      logHarm: says ? this.logHarm(phi) : 0,
      logSafe: says ? this.logSafe(safeMarginOf(this.subject, phase) ?? margin, phi) : 0,
      effect: { low, high, estimate: canary.value === null || baseline.value === null ? null : sign * (canary.value - baseline.value) },
      effectKind: 'difference',
      margin: margin.relative * Math.abs(baseline.value ?? 0) + margin.absolute,
      baseline,
      canary,
      phi,
      windows: this.windows,
      warnings: this.hasHeavyTails() ? [tailWarning] : [],
    };
  }

  /** The window that speaks loudest counts for no more than the next: no single window decides. */
  private logHarm(phi: number): number {
    const { falseRollback } = this.subject.template.budget;
    return meanEvidence(this.means, this.stated(this.margin), 'harm', { alpha: falseRollback, phi, discount: this.loudest.discount() })
      .logE;
  }

  private logSafe(margin: Margin, phi: number): number {
    return meanEvidence(this.means, this.stated(margin), 'safe', { alpha: this.subject.template.budget.falsePromote, phi }).logE;
  }

  private hasHeavyTails(): boolean {
    return Math.max(this.tails.baseline.estimate(), this.tails.canary.estimate()) > heavyTails;
  }

  private turned({ count, mean, variance }: Moments): Moments {
    return { count, mean: this.sign * mean, variance };
  }

  private stated({ relative, absolute }: Margin): AffineMargin {
    return { ratio: 1 + this.sign * relative, offset: absolute };
  }
}

/** Fewer windows do not show how much the means of windows differ by themselves: a mean says nothing before. */
const fewestWindows = 10;

/** Information at which the bounds are tightest. */
const bestInformation = 500;

/** Excess kurtosis from which a mean is decided by a handful of values: log-normal values have it from σ of about 1 on. */
const heavyTails = 50;

const tailWarning =
  'a few large values decide this mean: it needs far more observations than a percentile of the same values, or the mean of their logarithms';

/** Observations of many windows, as people know them. */
class MeanSum {
  private count = 0;
  private total = 0;

  add({ count, mean }: Moments): void {
    this.count += count;
    this.total += count * mean;
  }

  summary(): CohortSummary {
    return { count: this.count, value: this.count > 0 ? this.total / this.count : null };
  }
}
