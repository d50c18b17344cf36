import type { RunningSeries } from '../dependence/running-series.js';
import { everything, type Interval } from '../interval.js';
import { asymptoticHalfWidth } from './asymptotic-half-width.js';
import { type GaugeHistory, gaugeMean } from './gauge-mean.js';

/**
 * Bounds of the mean difference of two levels that hold at every look.
 *
 * Assumptions as for gaugeEvidence.
 *
 * @param differences  canary − baseline of each window, in order of time
 * @param alpha        chance to miss on each side, in (0, ½)
 * @param bestWindows  number of windows at which the bounds are tightest; fixed before the data
 * @returns {@link everything} where there is too little to judge by, or no spread
 */
export function gaugeDifferenceBounds(
  differences: RunningSeries,
  alpha: number,
  { bestWindows = 60, history = null }: { readonly bestWindows?: number; readonly history?: GaugeHistory | null } = {},
): Interval {
  const { mean, longRunVariance, enough } = gaugeMean(differences, history);
  if (!enough) return everything;
  const halfWidth = asymptoticHalfWidth(differences.count, longRunVariance, { alpha, bestInformation: bestWindows, oneSided: true });
  return { low: mean - halfWidth, high: mean + halfWidth };
}
