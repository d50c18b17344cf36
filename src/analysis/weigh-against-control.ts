import type { CohortSummary, Gap, Margin, Measurement, MissingData, Sample } from '../domain/index.js';
import { DifferenceInDifferences, gaugeDifferenceBounds, gaugeEvidence, levelShiftFactor, RunningSeries } from '../statistics/index.js';
import { shiftInWords } from './level-shift.js';
import {
  type Answer,
  type Asked,
  askEachDirection,
  type OneDirection,
  type Question,
  type Subject,
  safeMarginOf,
  unbounded,
  type Weigher,
} from './weighing.js';

/** Against a baseline that is earlier, less what a control did over the same times. */
export function weighAgainstControl(subject: Subject, margin: Margin): Weigher {
  return askEachDirection(subject, (direction) => new AgainstControl(subject, direction, margin));
}

/** Another period is further off than this by chance in one of a hundred (statistics §G). */
const confidence = 0.99;

/** Trends are called unlike at this e-value: once in twenty times that they are alike. */
const unlikeLogE = Math.log(20);

/** Fewer windows from before the release show nothing about trends. */
const fewestTrendWindows = 60;

/** Is the canary's level within the margin of what the service would have done without the release? Difference in differences. */
class AgainstControl implements Question {
  private readonly did = new DifferenceInDifferences();
  private readonly pairs: { readonly now: number; readonly expected: number }[] = [];
  private readonly periods: { readonly service: number; readonly control: number }[] = [];
  private readonly canary = { count: 0, sum: 0 };
  private readonly baseline = { count: 0, sum: 0 };
  private readonly sign: 1 | -1;

  constructor(
    private readonly subject: Subject,
    direction: OneDirection,
    private readonly margin: Margin,
  ) {
    this.sign = direction === 'decrease' ? -1 : 1;
    for (const reading of subject.history) this.learnTrend(reading);
  }

  add(reading: Measurement): void {
    const levels = this.levelsOf(reading);
    const now = levelIn(reading.canary);
    if (!levels || now === null) return;
    const expected = this.did.expected(levels);
    this.pairs.push({ now, expected });
    this.did.learn(levels);
    this.canary.count += countOf(reading.canary, this.subject);
    this.canary.sum += now;
    this.baseline.count += countOf(reading.baseline, this.subject);
    this.baseline.sum += expected;
  }

  answer({ phase, intervals }: Asked): Answer {
    const { margin } = this;
    const { budget } = this.subject.template;
    const factor = this.factor();
    const missing = this.missing(factor);
    const safe = safeMarginOf(this.subject, phase) ?? margin;
    const [baseline, canary] = [summaryOf(this.baseline, this.pairs.length), summaryOf(this.canary, this.pairs.length)];
    const { low, high } =
      intervals === 'none' ? unbounded : gaugeDifferenceBounds(this.beyond(1, 0), budget.falsePromote, { history: this.did.noise(1) });
    return {
      logHarm: missing ? 0 : this.logE('harm', this.ratio(margin, factor), margin.absolute, budget.falseRollback),
      logSafe: missing ? 0 : this.logE('safe', this.ratio(safe, 1 / factor), safe.absolute, budget.falsePromote),
      effect: {
        low,
        high,
        estimate: canary.value === null || baseline.value === null ? null : this.sign * (canary.value - baseline.value),
      },
      effectKind: 'difference',
      margin: Math.abs(this.ratio(margin, factor) - 1) * (baseline.value ?? 0) + margin.absolute,
      baseline,
      canary,
      phi: 1,
      windows: this.pairs.length,
      warnings: shiftInWords(factor),
      ...(missing && { missing }),
    };
  }

  private learnTrend(reading: Measurement): void {
    const levels = this.levelsOf(reading);
    const now = reading.control ? levelIn(reading.control.service) : null;
    if (levels && now !== null) this.did.learnTrend({ ...levels, now });
  }

  /** What the window compares, if all of it was seen. Counts the periods' levels on the way. */
  private levelsOf({ references = [], control }: Measurement): { before: number; controlNow: number; controlBefore: number } | null {
    const controlNow = control ? levelIn(control.now) : null;
    if (!control || controlNow === null) return null;
    const [before, controlBefore] = [references.map(levelIn), control.references.map(levelIn)];
    const complete = before.every((level) => level !== null) && controlBefore.every((level) => level !== null);
    if (!complete || before.length === 0 || before.length !== controlBefore.length) return null;
    before.forEach((level, index) => {
      const sofar = this.periods[index] ?? { service: 0, control: 0 };
      this.periods[index] = { service: sofar.service + level, control: sofar.control + (controlBefore[index] ?? 0) };
    });
    return { before: meanOf(before), controlNow, controlBefore: meanOf(controlBefore) };
  }

  /** How far the service may be off from its control because one more period never is quite like the others; ≥ 1. */
  private factor(): number {
    const ratios = this.periods.map(({ service, control }) => service / control);
    return ratios.every((ratio) => ratio > 0 && ratio < Number.POSITIVE_INFINITY) ? levelShiftFactor(ratios, confidence) : unknownFactor;
  }

  /** canary ≤ ratio · expected + absolute, or ≥ where fewer is worse */
  private ratio({ relative }: Margin, factor: number): number {
    return this.sign === 1 ? (1 + relative) * factor : (1 - relative) / factor;
  }

  private logE(side: 'harm' | 'safe', ratio: number, absolute: number, alpha: number): number {
    return gaugeEvidence(this.beyond(ratio, absolute), side, { alpha, history: this.did.noise(ratio) }).logE;
  }

  private beyond(ratio: number, absolute: number): RunningSeries {
    return RunningSeries.of(this.pairs.map(({ now, expected }) => this.sign * (now - ratio * expected) - absolute));
  }

  /** Why the control says nothing; null: it does. */
  private missing(factor: number): MissingData | null {
    const because = (detail: string): MissingData => ({ cause: 'absent', policy: 'hold', detail });
    if (factor >= unknownFactor) return because('service or control had nothing in a reference period: there is no ratio to go by');
    if (this.did.trendWindows < fewestTrendWindows)
      return because(
        `${this.did.trendWindows} windows from before the release with data of service and control: too few to see whether their trends are parallel`,
      );
    if (this.did.logTrendsDiffer(factor) < unlikeLogE) return null;
    return because('service and control went apart before the release: the claim holds only under parallel trends');
  }
}

/** Nothing can be shown against levels that have no ratio. */
const unknownFactor = 1e6;

function levelIn(sample: Sample | Gap): number | null {
  switch (sample.kind) {
    case 'counts':
      return sample.total > 0 ? sample.events / sample.total : null;
    case 'rate':
      return sample.exposure > 0 ? sample.events / sample.exposure : null;
    case 'moments':
      return sample.count > 0 && sample.mean >= 0 ? sample.mean : null;
    case 'level':
      return sample.value >= 0 && sample.value < Number.POSITIVE_INFINITY ? sample.value : null;
    default:
      return null;
  }
}

function countOf(sample: Sample | Gap, { metric }: Subject): number {
  switch (sample.kind) {
    case 'counts':
      return sample.total;
    case 'rate':
      return metric.kind === 'rate' && metric.per !== 'second' ? sample.exposure : sample.events;
    case 'moments':
      return sample.count;
    case 'level':
      return 1;
    default:
      return 0;
  }
}

const meanOf = (levels: readonly number[]): number => levels.reduce((sum, level) => sum + level, 0) / levels.length;

const summaryOf = ({ count, sum }: { readonly count: number; readonly sum: number }, windows: number): CohortSummary => ({
  count: Math.floor(count),
  value: windows > 0 ? sum / windows : null,
});
