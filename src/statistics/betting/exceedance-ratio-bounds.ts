import { countAbove } from '../histograms/count-above.js';
import { firstBucketAbove } from '../histograms/first-bucket-above.js';
import type { Histogram } from '../histograms/histogram.js';
import { histogramCount } from '../histograms/histogram-count.js';
import { snapToBound } from '../histograms/snap-to-bound.js';
import type { Interval } from '../interval.js';
import { logSumExp } from '../special/log-sum-exp.js';
import type { Side } from './affine-margin.js';
import { betCount } from './bet-grid.js';
import { bet2Increments } from './bet2-increments.js';
import { type BoundLevels, boundLevels } from './bound-levels.js';
import { orderedInterval } from './ordered-interval.js';

export interface DistributionWindow {
  readonly baseline: Histogram;
  readonly canary: Histogram;
  /** the baseline's percentile, guessed before the window; > 0 */
  readonly reference: number;
  /** dispersion, ≥ 1 */
  readonly phi: number;
}

const furthest = Math.log(1e3);

/**
 * Bounds of canary percentile / baseline percentile that hold at every look: {@link exceedance} inverted over the ratio.
 *
 * The evidence changes only where a bucket edge is crossed; the bounds are the outer ends of what is not rejected.
 *
 * @param p          the percentile that the references stand for, in (0, 1)
 * @param alpha      chance to miss on each side, in (0, 1)
 * @param tolerance  absolute error of ln(ratio), outwards
 * @returns low 0 and high Infinity where that side cannot be bounded within a factor of a thousand
 * @throws {RangeError} p or alpha outside (0, 1), or phi < 1
 */
export function exceedanceRatioBounds(windows: readonly DistributionWindow[], p: number, alpha: BoundLevels, tolerance = 1e-4): Interval {
  if (!(p > 0 && p < 1)) throw new RangeError(`p must be in (0, 1), got ${p}`);
  const levels = boundLevels(alpha);
  const rejects = (side: Side, level: number): ((logRatio: number) => boolean) => {
    const logEvidence = evidenceByRatio(windows, 1 - p, side);
    return (logRatio) => logEvidence(Math.exp(logRatio)) >= level;
  };
  const low = edgeOfRejection(rejects('harm', levels.low), -furthest, furthest, tolerance);
  const high = edgeOfRejection(rejects('safe', levels.high), furthest, -furthest, tolerance);
  return orderedInterval(low === null ? 0 : Math.exp(low), high === null ? Infinity : Math.exp(high));
}

/** Last rejected value on the way from `rejected` to `other`, within the tolerance. */
function edgeOfRejection(rejects: (x: number) => boolean, outermost: number, other: number, tolerance: number): number | null {
  if (!rejects(outermost)) return null;
  let [rejected, accepted] = [outermost, other];
  while (Math.abs(accepted - rejected) > tolerance) {
    const middle = (rejected + accepted) / 2;
    if (rejects(middle)) rejected = middle;
    else accepted = middle;
  }
  return rejected;
}

/** The stakes do not depend on the ratio, so a bet is linear in the canary's count above the threshold. */
function evidenceByRatio(windows: readonly DistributionWindow[], base: number, side: Side): (ratio: number) => number {
  const constant = new Float64Array(betCount);
  const parts = windows.flatMap(({ baseline, canary, reference, phi }) => {
    const canaryTotal = histogramCount(canary);
    const baselineTotal = histogramCount(baseline);
    if (canaryTotal === 0 || baselineTotal === 0) return [];
    const threshold = snapToBound(baseline, reference, 'nearest');
    const counts = { canaryTotal, baselineTotal, baselineEvents: countAbove(baseline, threshold), phi, base };
    const none = bet2Increments({ ...counts, canaryEvents: 0 }, noMargin, side);
    const all = bet2Increments({ ...counts, canaryEvents: canaryTotal }, noMargin, side);
    for (let k = 0; k < betCount; k++) constant[k] = (constant[k] as number) + (none[k] as number);
    return [
      {
        canary,
        threshold,
        countsFrom: runningFromTop(canary),
        perEvent: none.map((value, k) => ((all[k] as number) - value) / canaryTotal),
      },
    ];
  });

  const direction = side === 'harm' ? 'up' : 'down';
  return (ratio) => {
    const sums = constant.slice();
    for (const { canary, threshold, countsFrom, perEvent } of parts) {
      const first = firstBucketAbove(canary, snapToBound(canary, ratio * threshold, direction));
      const events = first < 0 ? histogramCount(canary) : (countsFrom[first] as number);
      if (events === 0) continue;
      for (let k = 0; k < betCount; k++) sums[k] = (sums[k] as number) + events * (perEvent[k] as number);
    }
    return logSumExp(sums) - Math.log(betCount);
  };
}

const noMargin = { ratio: 1, offset: 0 };

/** Entry i: observations in bucket i and all above it. */
function runningFromTop({ counts }: Histogram): Float64Array {
  const running = new Float64Array(counts.length + 1);
  for (let i = counts.length - 1; i >= 0; i--) running[i] = (running[i + 1] as number) + (counts[i] as number);
  return running;
}
