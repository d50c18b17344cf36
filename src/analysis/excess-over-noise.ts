import type { Margin } from '../domain/index.js';
import { bet1Increments, quantileOfDifferences, RestartCapital, RunningSeries } from '../statistics/index.js';

/** A difference between two hours of the baseline is larger than the bar in one pair of twenty. */
const shareAbove = 0.05;

/** Windows of the run that must have shown how the baseline moves now, before anything is made of a difference. */
const enoughOfRun = 4;

/** Where the level stays long when it is high, many windows above the bar count as few. */
export interface ExcessRule {
  /** of canary − ratio · baseline − offset, turned so that more is worse */
  readonly bar: number;
  /** ≥ 1 */
  readonly phi: number;
}

/**
 * What counts as a large difference between canary and margin, from the baseline's own levels before the run: as if both were windows of
 * the baseline, the one lifted to the margin, at any distance in time. Whatever comes and goes with the hour of the day is in it.
 *
 * Assumes that the canary's level at its margin is distributed like the baseline's before the run, times the margin's ratio where that is
 * more, and depends on its past no more than the baseline's: as the larger of the autocorrelations of levels and of their ranks, one
 * standard error up. Ranks, because one spike in an hour hides how sticky the rest is.
 *
 * @param levels  of the baseline before the run, in order of time
 */
export function excessRule(levels: readonly number[], margin: Margin, sign: 1 | -1): ExcessRule {
  const lag1 = Math.max(lag1Of(levels), lag1Of(ranksOf(levels)));
  return { bar: barOf(levels, margin, sign), phi: (1 + lag1) / (1 - lag1) };
}

/** The offset of the margin is in both sides of a difference, and its mean is 0 at the margin. */
function barOf(levels: readonly number[], { relative }: Margin, sign: 1 | -1): number {
  const ratio = 1 + sign * relative;
  const mean = RunningSeries.of(levels).mean();
  const tolerated = levels.map((level) => sign * ratio * level);
  const atMargin = levels.map((level) => sign * (ratio * mean + Math.max(1, ratio) * (level - mean)));
  return quantileOfDifferences(atMargin, tolerated, 1 - shareAbove);
}

/**
 * Evidence for harm from how often the canary is beyond its margin by more than the baseline is ever beyond itself, before the run or in
 * it up to then.
 *
 * Knows nothing of the canary's variance, which a regression that comes and goes inflates until a test of means sees nothing.
 */
export class ExcessOverNoise {
  private readonly capital = RestartCapital.of([{ index: 0, weight: 1 }]);
  private readonly levels: number[] = [];
  private barOfRun = Number.NEGATIVE_INFINITY;
  private knownAt = 0;

  constructor(
    private readonly rule: ExcessRule,
    private readonly margin: Margin,
    private readonly sign: 1 | -1,
    private readonly cap: number,
  ) {}

  /** The next window of the run: what the baseline shows in it raises the bar of later ones only. */
  add({ baseline, canary }: { readonly baseline: number; readonly canary: number }): void {
    if (this.levels.length >= enoughOfRun)
      this.bet(this.sign * (canary - (1 + this.sign * this.margin.relative) * baseline) - this.margin.absolute);
    this.levels.push(baseline);
    if (this.levels.length < Math.max(enoughOfRun, 1.1 * this.knownAt)) return; // not anew at each window: it costs as much as there are
    this.knownAt = this.levels.length;
    this.barOfRun = barOf(this.levels, this.margin, this.sign);
  }

  logE(): number {
    return this.capital.logE();
  }

  private bet(difference: number): void {
    const { bar, phi } = this.rule;
    const events = difference > Math.max(bar, this.barOfRun) ? 1 : 0;
    this.capital.add(bet1Increments({ total: 1, events, phi }, shareAbove, 'harm', this.cap));
  }
}

const lag1Of = (values: readonly number[]): number => RunningSeries.of(values).autocorrelation().lag1Safe;

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (const [rank, { index }] of order.entries()) ranks[index] = rank;
  return ranks;
}
