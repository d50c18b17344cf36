import type { AffineMargin } from '../betting/affine-margin.js';
import type { Interval } from '../interval.js';
import { normalCdf } from '../special/normal-cdf.js';
import { normalQuantile } from '../special/normal-quantile.js';
import type { Proportion } from './two-proportion-z.js';

export interface MarginTest {
  /** positive where the first is beyond the margin; NaN where nothing can vary: no evidence */
  readonly z: number;
  /** against "first ≤ ratio · second + offset" */
  readonly pGreater: number;
  /** against "first ≥ ratio · second + offset" */
  readonly pLess: number;
}

/**
 * Score test of two proportions against a margin: with ratio 1 and offset 0 the two-proportion z test with pooled variance.
 * Not valid under peeking.
 *
 * The variance is that of the likeliest proportions on the margin itself, so it does not vanish where no event was seen.
 * Assumes independent observations; asymptotic.
 *
 * @param ratio  ≥ 0
 * @see Farrington & Manning (1990), Test statistics and sample size formulae for comparative binomial trials, doi:10.1002/sim.4780091208
 */
export function proportionMarginTest(first: Proportion, second: Proportion, margin: AffineMargin): MarginTest {
  const { ratio, offset } = margin;
  const q = likeliestOnMargin(first, second, margin);
  const p = Math.min(1, Math.max(0, ratio * q + offset));
  const variance = spreadOf(p) / first.total + (ratio * ratio * spreadOf(q)) / second.total;
  const beyond = first.events / first.total - ratio * (second.events / second.total) - offset;
  const z = variance > 0 ? beyond / Math.sqrt(variance) : Number.NaN;
  return { z, pGreater: normalCdf(-z), pLess: normalCdf(z) };
}

/**
 * Differences first − second that {@link proportionMarginTest} does not reject: never beyond ±1, and never empty.
 *
 * @param confidence  in (0, 1)
 * @see Mee (1984), Confidence bounds for the difference between two probabilities, doi:10.2307/2531158
 */
export function proportionDifferenceInterval(first: Proportion, second: Proportion, confidence = 0.95): Interval {
  const critical = normalQuantile((1 + confidence) / 2);
  const scoreAt = (offset: number): number => proportionMarginTest(first, second, { ratio: 1, offset }).z;
  const difference = first.events / first.total - second.events / second.total;
  return {
    low: lastWhere((offset) => scoreAt(offset) >= critical, -1, difference),
    high: -lastWhere((offset) => scoreAt(-offset) <= -critical, -1, -difference),
  };
}

/** The second proportion at which both samples are likeliest, if the first lies on the margin. The likelihood is concave. */
function likeliestOnMargin(first: Proportion, second: Proportion, { ratio, offset }: AffineMargin): number {
  const slope = (q: number): number => {
    const p = ratio * q + offset;
    return (
      part(second.events, q) -
      part(second.total - second.events, 1 - q) +
      ratio * (part(first.events, p) - part(first.total - first.events, 1 - p))
    );
  };
  const lowest = ratio > 0 ? Math.max(0, -offset / ratio) : 0;
  const highest = ratio > 0 ? Math.min(1, (1 - offset) / ratio) : 1;
  return lastWhere((q) => slope(q) > 0, lowest, Math.max(lowest, highest));
}

const part = (count: number, share: number): number => (count === 0 ? 0 : count / share);

/** What the search leaves of a share of 0 or 1 is no spread. */
const spreadOf = (share: number): number => (share * (1 - share) > 1e-13 ? share * (1 - share) : 0);

/** Where a condition stops to hold that holds from `low` on and not at `high`, to the last digit. */
function lastWhere(holds: (value: number) => boolean, low: number, high: number): number {
  let [inside, outside] = [low, high];
  for (let step = 0; step < 100; step++) {
    const middle = (inside + outside) / 2;
    if (holds(middle)) inside = middle;
    else outside = middle;
  }
  return (inside + outside) / 2;
}
