import type { Side } from './affine-margin.js';
import { betCount, betGrids } from './bet-grid.js';
import type { BetOptions } from './bet2.js';
import { type BetEvidence, restartMixture } from './restart-mixture.js';

/** Event counts of one cohort in one closed window. */
export interface OneArmExposure {
  /** seconds, requests, … */
  readonly exposure: number;
  readonly events: number;
  /** dispersion, ≥ 1 */
  readonly phi: number;
}

/**
 * Evidence from event counts of one cohort about "rate ≤ limit" (or ≥, for safe).
 *
 * Exact at every look for events that come one by one (phi corrects for bursts), whatever the rate does over time.
 *
 * @param limit  events per unit of exposure, > 0
 * @throws {RangeError} limit ≤ 0, negative counts or exposures, or phi < 1
 * @see Howard, Ramdas, McAuliffe & Sekhon (2021), Time-uniform nonparametric confidence sequences, on gamma–Poisson bounds
 */
export function bet1Poisson(
  windows: readonly OneArmExposure[],
  limit: number,
  side: Side,
  { cap = null, starts }: BetOptions = {},
): BetEvidence {
  if (!(limit > 0)) throw new RangeError(`limit must be > 0, got ${limit}`);
  return restartMixture(
    windows.map((window) => bet1PoissonIncrements(window, limit, side, cap)),
    starts,
  );
}

/**
 * What one window of event counts of one cohort adds to the logarithm of each of the 16 bets.
 *
 * @param limit  events per unit of exposure, > 0
 * @param cap    most that one window may add, in nats; null: no limit
 * @throws {RangeError} limit ≤ 0, negative counts or exposures, or phi < 1
 * @see bet1Poisson, of which this is one window
 */
export function bet1PoissonIncrements(
  { exposure, events, phi }: OneArmExposure,
  limit: number,
  side: Side,
  cap: number | null = null,
): Float64Array {
  if (!(limit > 0)) throw new RangeError(`limit must be > 0, got ${limit}`);
  if (!(exposure >= 0 && events >= 0)) throw new RangeError(`counts and exposures must be >= 0, got ${events} in ${exposure}`);
  if (!(phi >= 1)) throw new RangeError(`phi must be >= 1, got ${phi}`);
  const { displacement, oddsLessOne } = betGrids[side];
  const most = cap ?? Infinity;
  return Float64Array.from({ length: betCount }, (_, k) => {
    const gain = events * (displacement[k] as number) - (oddsLessOne[k] as number) * limit * exposure;
    return Math.min(gain / phi, most);
  });
}
