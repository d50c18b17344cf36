import type { Margin } from '../domain/index.js';
import { bet1Increments, quantileOfDifferences, RestartCapital, RunningSeries } from '../statistics/index.js';

/** A difference between two hours of the baseline is larger than the bar in one pair of twenty. */
const shareAbove = 0.05;

/** Where the level stays long when it is high, many windows above the bar count as few. */
export interface ExcessRule {
  /** of canary − ratio · baseline − offset, turned so that more is worse */
  readonly bar: number;
  /** ≥ 1 */
  readonly phi: number;
}

/**
 * What counts as a large difference between canary and baseline, from the baseline's own levels before the run: as if both were
 * windows of the baseline, at any distance in time. Whatever comes and goes with the hour of the day is in it.
 *
 * Assumes that the canary's level within its margin is distributed like the baseline's before the run, and depends on its past no more
 * than the baseline's: as the larger of the autocorrelations of levels and of their ranks, one standard error up. Ranks, because one
 * spike in an hour hides how sticky the rest is.
 *
 * @param levels  of the baseline before the run, in order of time
 */
export function excessRule(levels: readonly number[], margin: Margin, sign: 1 | -1): ExcessRule {
  const own = levels.map((level) => sign * level);
  const tolerated = levels.map((level) => sign * (1 + sign * margin.relative) * level + margin.absolute);
  const lag1 = Math.max(lag1Of(levels), lag1Of(ranksOf(levels)));
  return { bar: quantileOfDifferences(own, tolerated, 1 - shareAbove), phi: (1 + lag1) / (1 - lag1) };
}

/**
 * Evidence for harm from how often the canary is beyond its margin by more than the baseline is ever beyond itself.
 *
 * Knows nothing of the canary's variance, which a regression that comes and goes inflates until a test of means sees nothing.
 */
export class ExcessOverNoise {
  private readonly capital = RestartCapital.of([{ index: 0, weight: 1 }]);

  constructor(
    private readonly rule: ExcessRule,
    private readonly cap: number,
  ) {}

  /** @param difference  canary − ratio · baseline − offset of the next window, turned so that more is worse */
  add(difference: number): void {
    const { bar, phi } = this.rule;
    this.capital.add(bet1Increments({ total: 1, events: difference > bar ? 1 : 0, phi }, shareAbove, 'harm', this.cap));
  }

  logE(): number {
    return this.capital.logE();
  }
}

function lag1Of(values: readonly number[]): number {
  const series = new RunningSeries();
  for (const value of values) series.add(value);
  return series.autocorrelation().lag1Safe;
}

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (const [rank, { index }] of order.entries()) ranks[index] = rank;
  return ranks;
}
