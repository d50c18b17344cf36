import type { Interval } from '../interval.js';
import { logSumExp } from '../special/log-sum-exp.js';
import type { Side } from './affine-margin.js';
import { betCount, betGrids } from './bet-grid.js';
import { bet2PoissonIncrements } from './bet2-poisson-increments.js';
import { type BoundLevels, boundLevels } from './bound-levels.js';
import { orderedInterval } from './ordered-interval.js';
import { rejectionBound } from './rejection-bound.js';
import type { ExposureWindow } from './two-arm-window.js';

/**
 * Bounds of canary rate − baseline rate that hold at every look: {@link bet2Poisson} inverted over the offset.
 *
 * Where the difference varies between windows, the lower bound stays below the largest of them and the upper bound above
 * the smallest. For their ratio take relativeRiskBounds with the exposures as totals: it is the same bet.
 *
 * @param alpha      chance to miss on each side, in (0, 1)
 * @param tolerance  error of a bound relative to its size (and a thousandth of the pooled rate times it)
 * @returns in events per unit of exposure; infinite without exposure
 */
export function rateDifferenceBounds(windows: readonly ExposureWindow[], alpha: BoundLevels, tolerance = 1e-4): Interval {
  const levels = boundLevels(alpha);
  const usable = windows.filter((window) => window.canaryExposure > 0 && window.baselineExposure > 0);
  const exposure = usable.reduce((sum, window) => sum + window.canaryExposure, 0);
  if (exposure === 0) return { low: -Infinity, high: Infinity };

  const { difference, rate } = estimateOf(usable);
  const search = { inside: difference, firstStep: Math.sqrt(rate / exposure) };
  const closeness = { relative: tolerance, absolute: (tolerance * rate) / 1000 };
  const against = (side: Side, level: number): ((offset: number) => number) => {
    const logEvidence = evidenceByOffset(usable, side);
    return (offset) => logEvidence(offset) - level;
  };
  const furthest = Math.abs(difference) + 1e6 * rate;
  const low = rejectionBound(against('harm', levels.low), { ...search, outside: -furthest, opposite: furthest }, closeness);
  const high = rejectionBound(against('safe', levels.high), { ...search, outside: furthest, opposite: -furthest }, closeness);
  return orderedInterval(low ?? -Infinity, high ?? Infinity);
}

/** Stratified difference, and the pooled rate as the scale of the search; half an event more so that it is never 0. */
function estimateOf(windows: readonly ExposureWindow[]): { difference: number; rate: number } {
  let [difference, weight, events, exposure] = [0, 0, 0.5, 0];
  for (const { canaryExposure, canaryEvents, baselineExposure, baselineEvents } of windows) {
    const both = canaryExposure + baselineExposure;
    difference += (canaryEvents * baselineExposure - baselineEvents * canaryExposure) / both;
    weight += (canaryExposure * baselineExposure) / both;
    events += canaryEvents + baselineEvents;
    exposure += both;
  }
  return { difference: difference / weight, rate: events / exposure };
}

/** The slope of a bet does not depend on the offset, so its logarithm is linear in it. */
function evidenceByOffset(windows: readonly ExposureWindow[], side: Side): (offset: number) => number {
  const { odds, oddsLessOne } = betGrids[side];
  const atZero = new Float64Array(betCount);
  const perOffset = new Float64Array(betCount);
  for (const window of windows) {
    const increments = bet2PoissonIncrements(window, { ratio: 1, offset: 0 }, side);
    const split = window.canaryExposure / window.baselineExposure;
    for (let k = 0; k < betCount; k++) {
      const slope = (oddsLessOne[k] as number) / (1 + split * (odds[k] as number));
      atZero[k] = (atZero[k] as number) + (increments[k] as number);
      perOffset[k] = (perOffset[k] as number) + (slope * window.canaryExposure) / window.phi;
    }
  }
  return (offset) => logSumExp(atZero.map((sum, k) => sum - offset * (perOffset[k] as number))) - Math.log(betCount);
}
