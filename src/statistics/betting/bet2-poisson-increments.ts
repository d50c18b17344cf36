import type { AffineMargin, Side } from './affine-margin.js';
import { betCount, betGrids } from './bet-grid.js';
import type { ExposureWindow } from './two-arm-window.js';

/**
 * What one window of event counts with exposure adds to the logarithm of each of the 16 bets.
 *
 * @param margin  offset in events per unit of exposure
 * @param cap     most that one window may add, in nats; null: no limit
 * @returns all 0 where a cohort had no exposure
 * @throws {RangeError} negative counts or exposures, ratio ≤ 0, or phi < 1
 * @see bet2Poisson, of which this is one window
 */
export function bet2PoissonIncrements(window: ExposureWindow, margin: AffineMargin, side: Side, cap: number | null = null): Float64Array {
  const { canaryExposure, canaryEvents, baselineExposure, baselineEvents, phi } = window;
  const increments = new Float64Array(betCount);
  if (!(canaryExposure >= 0 && canaryEvents >= 0 && baselineExposure >= 0 && baselineEvents >= 0))
    throw new RangeError('counts and exposures must be >= 0');
  if (!(phi >= 1)) throw new RangeError(`phi must be >= 1, got ${phi}`);
  if (!(margin.ratio > 0)) throw new RangeError(`ratio must be > 0, got ${margin.ratio}`);
  if (canaryExposure === 0 || baselineExposure === 0) return increments;

  const { odds, oddsLessOne } = betGrids[side];
  const split = (margin.ratio * canaryExposure) / baselineExposure;
  const limit = cap ?? Infinity;
  for (let k = 0; k < betCount; k++) {
    const slope = (oddsLessOne[k] as number) / (1 + split * (odds[k] as number));
    const sum = canaryEvents * Math.log1p(slope) + baselineEvents * Math.log1p(-split * slope) - slope * margin.offset * canaryExposure;
    increments[k] = Math.min(sum / phi, limit);
  }
  return increments;
}
