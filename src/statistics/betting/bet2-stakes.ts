import type { AffineMargin } from './affine-margin.js';

/** Gain or loss per unit of slope that each kind of observation brings; all ≥ 0. Letters as in the specification. */
export interface Bet2Stakes {
  /** A: gain of a canary event */
  readonly canaryEvent: number;
  /** C: loss of a canary observation without event */
  readonly canaryCalm: number;
  /** D: loss of a baseline event */
  readonly baselineEvent: number;
  /** B: gain of a baseline observation without event */
  readonly baselineCalm: number;
}

/**
 * Stakes of the two-arm bet at the margin, fair on its boundary for every baseline proportion.
 *
 * @param kappa   canary observations per baseline observation, > 0
 * @param base    guessed baseline proportion in [0, 1); moved to the nearest value at which the margin is a proportion too
 * @param margin  ratio > 0; some base must give ratio · base + offset in [0, 1)
 * @throws {RangeError} base outside [0, 1), or no base makes the margin a proportion
 * @see docs/statistics.md, the bet on counts
 */
export function bet2Stakes(kappa: number, base: number, { ratio, offset }: AffineMargin): Bet2Stakes {
  if (!(base >= 0 && base < 1)) throw new RangeError(`base must be in [0, 1), got ${base}`);
  const lowest = Math.max(0, -offset / ratio);
  const highest = Math.min(1, (1 - offset) / ratio);
  if (!(ratio > 0 && lowest < highest)) throw new RangeError(`no proportion lies at ratio ${ratio} and offset ${offset}`);
  const guess = base >= highest ? (lowest + highest) / 2 : Math.max(base, lowest);
  const canary = Math.max(0, ratio * guess + offset);
  return {
    canaryEvent: 1 - canary,
    canaryCalm: canary,
    baselineEvent: ratio * kappa * (1 - guess),
    baselineCalm: ratio * kappa * guess,
  };
}
