import type { Interval } from '../interval.js';
import { logSumExp } from '../special/log-sum-exp.js';
import type { Side } from './affine-margin.js';
import { betCount, betGrids } from './bet-grid.js';
import { type BoundLevels, boundLevels } from './bound-levels.js';
import { rejectionBound } from './rejection-bound.js';
import type { OneArmWindow } from './two-arm-window.js';

const furthest = 40; // log-odds; beyond it a double cannot tell the proportion from 0 or 1

/**
 * Bounds of one cohort's proportion that hold at every look: {@link bet1} inverted over the limit.
 *
 * @param alpha      chance to miss on each side, in (0, 1)
 * @param tolerance  absolute error of the log-odds of a bound
 * @returns 0 and 1 where that side cannot be bounded
 */
export function proportionBounds(windows: readonly OneArmWindow[], alpha: BoundLevels, tolerance = 1e-4): Interval {
  const levels = boundLevels(alpha);
  const events = windows.reduce((sum, window) => sum + window.events / window.phi, 0);
  const calm = windows.reduce((sum, window) => sum + (window.total - window.events) / window.phi, 0);
  const closeness = { relative: 0, absolute: tolerance };
  const search = { inside: Math.log((events + 0.5) / (calm + 0.5)), firstStep: 0.25 };
  const against = (side: Side, level: number) => (logOdds: number) => logEvidence(events, calm, logOdds, side) - level;
  const low = rejectionBound(against('harm', levels.low), { ...search, outside: -furthest, opposite: furthest }, closeness);
  const high = rejectionBound(against('safe', levels.high), { ...search, outside: furthest, opposite: -furthest }, closeness);
  return { low: low === null ? 0 : proportionOf(low), high: high === null ? 1 : proportionOf(high) };
}

const proportionOf = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

function logEvidence(events: number, calm: number, logOdds: number, side: Side): number {
  const { displacement, oddsLessOne } = betGrids[side];
  const limit = proportionOf(logOdds);
  const sums = new Float64Array(betCount);
  for (let k = 0; k < betCount; k++) {
    sums[k] = events * (displacement[k] as number) - (events + calm) * Math.log1p((oddsLessOne[k] as number) * limit);
  }
  return logSumExp(sums) - Math.log(betCount);
}
