import type { Counts, Measurement } from '../domain/index.js';
import {
  bet1Increments,
  histogramQuantileBounds,
  type OneArmWindow,
  type PastDispersion,
  proportionDispersion,
} from '../statistics/index.js';
import { BetOnTolerance } from './bet-on-tolerance.js';
import { beyond, ShownDistribution } from './shown-distribution.js';
import {
  type Answer,
  type Asked,
  harmCap,
  type OneDirection,
  type Question,
  type Subject,
  sampleOf,
  samplesOf,
  unbounded,
} from './weighing.js';

/** Observations at which the interval of a percentile against a limit is tightest; fixed before the data. */
const sharpestAt = 1000;

/** Are more of the canary's observations beyond a value than the percentile leaves room for? The baseline is shown beside it. */
export class PercentileAgainstLimit implements Question {
  private readonly harmWindows: OneArmWindow[] = [];
  private readonly safeWindows: OneArmWindow[] = [];
  private readonly dispersion: PastDispersion<Counts>;
  private readonly shown = { baseline: new ShownDistribution(), canary: new ShownDistribution() };
  private readonly harm: BetOnTolerance<OneArmWindow>;
  private readonly safe: BetOnTolerance<OneArmWindow>;
  private usable = 0;
  private phi = 1;

  constructor(
    private readonly subject: Subject,
    private readonly p: number,
    private readonly direction: OneDirection,
    private readonly limit: number,
  ) {
    const share = direction === 'decrease' ? p : 1 - p;
    const before = samplesOf(subject.history, 'baseline', 'distribution').flatMap((sample) =>
      sample ? [beyond(sample.histogram, limit, direction, 'nearest')] : [],
    );
    this.dispersion = proportionDispersion(before);
    const cap = harmCap(subject.template);
    this.harm = new BetOnTolerance(this.harmWindows, (window) => bet1Increments(window, share, 'harm', cap), subject.starts);
    this.safe = new BetOnTolerance(this.safeWindows, (window) => bet1Increments(window, share, 'safe'));
  }

  add({ baseline, canary }: Measurement): void {
    const [shownBaseline, shownCanary] = [sampleOf(baseline, 'distribution'), sampleOf(canary, 'distribution')];
    if (shownBaseline) this.shown.baseline.add(shownBaseline.histogram);
    if (shownCanary) this.shown.canary.add(shownCanary.histogram);
    const count = (snap: 'up' | 'down'): Counts => beyond(shownCanary?.histogram ?? null, this.limit, this.direction, snap);
    const [harmful, safe] = this.direction === 'decrease' ? [count('down'), count('up')] : [count('up'), count('down')];
    const phi = this.dispersion.phi();
    this.harmWindows.push({ ...harmful, phi });
    this.safeWindows.push({ ...safe, phi });
    this.dispersion.learn({ total: 0, events: 0 }, harmful);
    if (harmful.total === 0) return;
    this.usable += 1;
    this.phi = phi;
  }

  answer({ intervals }: Asked): Answer {
    const canary = this.shown.canary.summary(this.p);
    const all = this.shown.canary.histogram();
    const { falsePromote } = this.subject.template.budget;
    const bounds = intervals !== 'none' && all ? histogramQuantileBounds(all, this.p, falsePromote, sharpestAt) : unbounded;
    const tolerance = { margin: { relative: 0, absolute: this.limit }, factor: 1 };
    return {
      logHarm: this.harm.logE(tolerance),
      logSafe: this.safe.logE(tolerance),
      effect: { low: bounds.low, high: bounds.high, estimate: canary.value },
      effectKind: 'level',
      margin: this.limit,
      baseline: this.shown.baseline.summary(this.p),
      canary,
      phi: this.phi,
      windows: this.usable,
      warnings: [],
    };
  }
}
