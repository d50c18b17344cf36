import type { AffineMargin, Side } from '../betting/affine-margin.js';
import { betCount, betGrids } from '../betting/bet-grid.js';
import { bet2Slope } from '../betting/bet2-slope.js';
import { bet2Stakes } from '../betting/bet2-stakes.js';

/** What one canary observation, with the baseline observations beside it, adds to the logarithm of each of the 16 bets. */
export interface BetGrowth {
  /** in nats, on average */
  readonly mean: Float64Array;
  /** in nats² */
  readonly variance: Float64Array;
}

/** Proportions that are assumed, not observed. */
export interface AssumedProportions {
  /** in [0, 1] */
  readonly canary: number;
  /** in [0, 1] */
  readonly baseline: number;
}

/**
 * Growth of {@link bet2}'s bets if the proportions were these: what a forecast is made of.
 *
 * Assumes independent observations; bursts of φ make everything φ times slower. The largest mean is the information per canary
 * request; without absolute margin and with base 0 the best of all bets has (p_c + p_b/κ)·KL(q₁‖q₀), q = θκ/(1 + θκ).
 *
 * @param kappa   canary observations per baseline observation, > 0
 * @param base    baseline proportion that the bets guess, in [0, 1)
 * @param margin  ratio > 0; offset a proportion
 * @throws {RangeError} an argument out of range, or a margin that is no proportion
 * @see Turner, Ly & Grünwald (2024), Generic E-variables for exact sequential k-sample tests, on growth rates
 */
export function betGrowth(
  truth: AssumedProportions,
  { kappa, base, margin, side }: { readonly kappa: number; readonly base: number; readonly margin: AffineMargin; readonly side: Side },
): BetGrowth {
  const { canary, baseline } = truth;
  if (!(canary >= 0 && canary <= 1 && baseline >= 0 && baseline <= 1)) {
    throw new RangeError(`proportions must be in [0, 1], got ${canary} and ${baseline}`);
  }
  if (!(kappa > 0)) throw new RangeError(`kappa must be > 0, got ${kappa}`);
  const stakes = bet2Stakes(kappa, base, margin);
  const { odds, oddsLessOne } = betGrids[side];
  const mean = new Float64Array(betCount);
  const variance = new Float64Array(betCount);
  for (let k = 0; k < betCount; k++) {
    const slope = bet2Slope(stakes, odds[k] as number, oddsLessOne[k] as number);
    const ofCanary = binary(canary, Math.log1p(slope * stakes.canaryEvent), Math.log1p(-slope * stakes.canaryCalm));
    const ofBaseline = binary(baseline, Math.log1p(-slope * stakes.baselineEvent), Math.log1p(slope * stakes.baselineCalm));
    mean[k] = ofCanary.mean + ofBaseline.mean / kappa;
    variance[k] = ofCanary.variance + ofBaseline.variance / kappa;
  }
  return { mean, variance };
}

/** Mean and variance of what an observation brings that is an event with this probability. */
export function binary(probability: number, event: number, calm: number): { mean: number; variance: number } {
  if (probability === 0) return { mean: calm, variance: 0 };
  if (probability === 1) return { mean: event, variance: 0 };
  return { mean: probability * event + (1 - probability) * calm, variance: probability * (1 - probability) * (event - calm) ** 2 };
}
