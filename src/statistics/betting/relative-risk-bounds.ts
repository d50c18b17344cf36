import type { Interval } from '../interval.js';
import { logSumExp } from '../special/log-sum-exp.js';
import type { Side } from './affine-margin.js';
import { betCount, betGrids } from './bet-grid.js';
import { type BoundLevels, boundLevels } from './bound-levels.js';
import { mergeSimilarWindows, type WindowGroup } from './merge-similar-windows.js';
import { orderedInterval } from './ordered-interval.js';
import { rejectionBound } from './rejection-bound.js';
import type { TwoArmWindow } from './two-arm-window.js';

const furthest = Math.log(1e6);

/**
 * Bounds of canary proportion / baseline proportion that hold at every look: {@link bet2} inverted over the ratio.
 *
 * Where the ratio differs between windows, the lower bound stays below the largest of them and the upper bound above the
 * smallest. The `base` of the windows is not used.
 *
 * @param alpha      chance to miss on each side, in (0, 1)
 * @param tolerance  absolute error of ln(ratio)
 * @returns low 0 and high Infinity where that side cannot be bounded within a factor of a million
 */
export function relativeRiskBounds(windows: readonly TwoArmWindow[], alpha: BoundLevels, tolerance = 1e-4): Interval {
  const levels = boundLevels(alpha);
  const groups = mergeSimilarWindows(windows);
  const estimate = logRatioEstimate(groups);
  const closeness = { relative: 0, absolute: tolerance };
  const against = (side: Side, level: number) => (logRatio: number) => logEvidence(groups, Math.exp(logRatio), side) - level;
  const search = { inside: estimate, firstStep: 0.25 };
  const low = rejectionBound(against('harm', levels.low), { ...search, outside: -furthest, opposite: furthest }, closeness);
  const high = rejectionBound(against('safe', levels.high), { ...search, outside: furthest, opposite: -furthest }, closeness);
  return orderedInterval(low === null ? 0 : Math.exp(low), high === null ? Infinity : Math.exp(high));
}

/** ln of the Mantel–Haenszel ratio, pulled to 0 by half an event so that it always exists. */
function logRatioEstimate(groups: readonly WindowGroup[]): number {
  let canary = 0.5;
  let baseline = 0.5;
  for (const { kappa, canaryEvents, baselineEvents } of groups) {
    canary += canaryEvents / (1 + kappa);
    baseline += (baselineEvents * kappa) / (1 + kappa);
  }
  return Math.max(-furthest / 2, Math.min(furthest / 2, Math.log(canary / baseline)));
}

/** With offset 0 and base 0 the bet is a likelihood ratio of "an event is a canary event", one logarithm per group. */
function logEvidence(groups: readonly WindowGroup[], ratio: number, side: Side): number {
  const { displacement, oddsLessOne } = betGrids[side];
  const sums = new Float64Array(betCount);
  for (const { kappa, canaryEvents, baselineEvents } of groups) {
    const events = canaryEvents + baselineEvents;
    if (events === 0) continue;
    const canaryShare = (ratio * kappa) / (1 + ratio * kappa);
    for (let k = 0; k < betCount; k++) {
      const gain = canaryEvents * (displacement[k] as number) - events * Math.log1p((oddsLessOne[k] as number) * canaryShare);
      sums[k] = (sums[k] as number) + gain;
    }
  }
  return logSumExp(sums) - Math.log(betCount);
}
