import type { Interval } from '../interval.js';
import { logSumExp } from '../special/log-sum-exp.js';
import type { Side } from './affine-margin.js';
import { betCount, betGrids } from './bet-grid.js';
import { bet2Slope } from './bet2-slope.js';
import { bet2Stakes } from './bet2-stakes.js';
import { type BoundLevels, boundLevels } from './bound-levels.js';
import { mergeSimilarWindows, type WindowGroup } from './merge-similar-windows.js';
import { orderedInterval } from './ordered-interval.js';
import { rejectionBound } from './rejection-bound.js';
import type { TwoArmWindow } from './two-arm-window.js';

/**
 * Bounds of canary proportion − baseline proportion that hold at every look: {@link bet2} inverted over the offset.
 *
 * Where the difference varies between windows, the lower bound stays below the largest of them and the upper bound above
 * the smallest. The `base` of the windows is not used.
 *
 * @param alpha          chance to miss on each side, in (0, 1)
 * @param baseReference  baseline proportion guessed before the data, in [0, 1); 0 for rare events
 * @param tolerance      error of a bound relative to its size (and a thousandth of it absolutely)
 * @returns -1 and 1 where that side cannot be bounded
 * @throws {RangeError} alpha outside (0, 1) or baseReference outside [0, 1)
 */
export function riskDifferenceBounds(
  windows: readonly TwoArmWindow[],
  alpha: BoundLevels,
  baseReference: number,
  tolerance = 1e-4,
): Interval {
  const levels = boundLevels(alpha);
  if (!(baseReference >= 0 && baseReference < 1)) throw new RangeError(`baseReference must be in [0, 1), got ${baseReference}`);
  const groups = mergeSimilarWindows(windows);
  const furthest = 1 - baseReference - 1e-9;
  const { difference, error } = differenceEstimate(groups);
  const inside = Math.max(-furthest / 2, Math.min(furthest / 2, difference));
  const search = { inside, firstStep: Math.min(furthest, 2 * error) };
  const closeness = { relative: tolerance, absolute: tolerance / 1000 };
  const against = (side: Side, level: number) => (offset: number) => logEvidence(groups, offset, baseReference, side) - level;
  const low = rejectionBound(against('harm', levels.low), { ...search, outside: -furthest, opposite: furthest }, closeness);
  const high = rejectionBound(against('safe', levels.high), { ...search, outside: furthest, opposite: -furthest }, closeness);
  return orderedInterval(low ?? -1, high ?? 1);
}

/** Mantel–Haenszel difference and roughly its standard error; only where the search begins. */
function differenceEstimate(groups: readonly WindowGroup[]): { difference: number; error: number } {
  let difference = 0;
  let weight = 0;
  let events = 1;
  let total = 1;
  for (const group of groups) {
    const { kappa, canaryEvents, baselineEvents, canaryTotal, baselineTotal } = group;
    difference += (canaryEvents - kappa * baselineEvents) / (1 + kappa);
    weight += canaryTotal / (1 + kappa);
    events += canaryEvents + baselineEvents;
    total += canaryTotal + baselineTotal;
  }
  if (weight === 0) return { difference: 0, error: 0.5 };
  return { difference: difference / weight, error: Math.sqrt(events / total / weight) };
}

function logEvidence(groups: readonly WindowGroup[], offset: number, baseReference: number, side: Side): number {
  const { odds, oddsLessOne } = betGrids[side];
  const base = baseReference + Math.max(0, -offset);
  const sums = new Float64Array(betCount);
  for (const { kappa, canaryEvents, canaryTotal, baselineEvents, baselineTotal } of groups) {
    const stakes = bet2Stakes(kappa, base, { ratio: 1, offset });
    const canaryCalm = stakes.canaryCalm === 0 ? 0 : canaryTotal - canaryEvents;
    const baselineCalm = stakes.baselineCalm === 0 ? 0 : baselineTotal - baselineEvents;
    for (let k = 0; k < betCount; k++) {
      const slope = bet2Slope(stakes, odds[k] as number, oddsLessOne[k] as number);
      let gain = 0;
      if (canaryEvents > 0) gain += canaryEvents * Math.log1p(slope * stakes.canaryEvent);
      if (canaryCalm > 0) gain += canaryCalm * Math.log1p(-slope * stakes.canaryCalm);
      if (baselineEvents > 0) gain += baselineEvents * Math.log1p(-slope * stakes.baselineEvent);
      if (baselineCalm > 0) gain += baselineCalm * Math.log1p(slope * stakes.baselineCalm);
      sums[k] = (sums[k] as number) + gain;
    }
  }
  return logSumExp(sums) - Math.log(betCount);
}
