import { countAbove } from '../histograms/count-above.js';
import { firstBucketAbove } from '../histograms/first-bucket-above.js';
import type { Histogram } from '../histograms/histogram.js';
import { histogramCount } from '../histograms/histogram-count.js';
import { snapToBound } from '../histograms/snap-to-bound.js';
import type { Interval } from '../interval.js';
import { logSumExp } from '../special/log-sum-exp.js';
import type { Side } from './affine-margin.js';
import { betCount, betGrids } from './bet-grid.js';
import { bet2Slope } from './bet2-slope.js';
import { bet2Stakes } from './bet2-stakes.js';
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
  const groups = groupsOf(windows).map(({ threshold, windows: alike }) => {
    const buckets = new BucketBets(alike.map(({ canary }) => canary));
    for (const window of alike) buckets.add(window.canary, betsOf(window, threshold, base, side, constant));
    return { threshold, buckets };
  });
  const direction = side === 'harm' ? 'up' : 'down';
  return (ratio) => {
    const sums = constant.slice();
    for (const { threshold, buckets } of groups) buckets.addAbove(ratio * threshold, direction, sums);
    return logSumExp(sums) - Math.log(betCount);
  };
}

/** What each of the 16 bets gains per canary observation above the threshold; what it gains without any is added to `constant`. */
function betsOf(window: DistributionWindow, threshold: number, base: number, side: Side, constant: Float64Array): Float64Array {
  const { baseline, canary, phi } = window;
  const [canaryTotal, baselineTotal, baselineEvents] = [histogramCount(canary), histogramCount(baseline), countAbove(baseline, threshold)];
  const stakes = bet2Stakes(canaryTotal / baselineTotal, base, noMargin);
  const { odds, oddsLessOne } = betGrids[side];
  const perEvent = new Float64Array(betCount);
  for (let k = 0; k < betCount; k++) {
    const slope = bet2Slope(stakes, odds[k] as number, oddsLessOne[k] as number);
    const calm = Math.log1p(-slope * stakes.canaryCalm);
    const ofBaseline =
      baselineEvents * Math.log1p(-slope * stakes.baselineEvent) +
      (baselineTotal - baselineEvents) * Math.log1p(slope * stakes.baselineCalm);
    constant[k] = (constant[k] as number) + (canaryTotal * calm + ofBaseline) / phi;
    perEvent[k] = (Math.log1p(slope * stakes.canaryEvent) - calm) / phi;
  }
  return perEvent;
}

const noMargin = { ratio: 1, offset: 0 };

/** Windows of one threshold whose canary has the same buckets. */
interface Alike {
  readonly threshold: number;
  readonly windows: DistributionWindow[];
}

function groupsOf(windows: readonly DistributionWindow[]): Alike[] {
  const groups = new Map<string, Alike>();
  for (const window of windows) {
    const { baseline, canary, reference } = window;
    if (histogramCount(canary) === 0 || histogramCount(baseline) === 0) continue;
    const threshold = snapToBound(baseline, reference, 'nearest');
    const key = `${threshold} ${canary.kind === 'exponential' ? canary.scale : canary.bounds.join()}`;
    const group = groups.get(key) ?? { threshold, windows: [] };
    group.windows.push(window);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Gains of the bets by bucket, added up over windows, so that one look-up answers for all of them. */
class BucketBets {
  private readonly form: Histogram;
  /** 16 for each bucket; once summed, for all buckets from this one on */
  private readonly gains: Float64Array;
  private readonly ofZeros = new Float64Array(betCount);
  private isSummed = false;

  /** @param histograms  of one kind with the same scale or bounds */
  constructor(histograms: readonly Histogram[]) {
    this.form = formOf(histograms);
    this.gains = new Float64Array((this.form.counts.length + 1) * betCount);
  }

  add(histogram: Histogram, perEvent: Float64Array): void {
    const { gains, ofZeros } = this;
    const zeros = histogram.kind === 'exponential' ? histogram.zeroCount : 0;
    const shift = histogram.kind === 'exponential' && this.form.kind === 'exponential' ? histogram.offset - this.form.offset : 0;
    for (let k = 0; k < betCount; k++) ofZeros[k] = (ofZeros[k] as number) + zeros * (perEvent[k] as number);
    histogram.counts.forEach((count, bucket) => {
      if (count === 0) return;
      const first = (bucket + shift) * betCount;
      for (let k = 0; k < betCount; k++) gains[first + k] = (gains[first + k] as number) + count * (perEvent[k] as number);
    });
  }

  /** Adds what is gained by all observations above a value, moved to a bucket edge. */
  addAbove(value: number, direction: 'up' | 'down', sums: Float64Array): void {
    this.sumFromTheTop();
    const bucket = firstBucketAbove(this.form, snapToBound(this.form, value, direction));
    const first = Math.max(0, bucket) * betCount;
    for (let k = 0; k < betCount; k++) {
      const zeros = bucket < 0 ? (this.ofZeros[k] as number) : 0;
      sums[k] = (sums[k] as number) + (this.gains[first + k] as number) + zeros;
    }
  }

  private sumFromTheTop(): void {
    if (this.isSummed) return;
    this.isSummed = true;
    const { gains } = this;
    for (let i = gains.length - betCount - 1; i >= 0; i--) gains[i] = (gains[i] as number) + (gains[i + betCount] as number);
  }
}

/** Empty buckets that have room for all of these. */
function formOf(histograms: readonly Histogram[]): Histogram {
  const [first] = histograms;
  if (first?.kind === 'explicit') return { ...first, counts: first.counts.map(() => 0) };
  const filled = histograms.flatMap((each) => (each.kind === 'exponential' && each.counts.length > 0 ? [each] : []));
  const offset = Math.min(...filled.map((each) => each.offset));
  const end = Math.max(...filled.map((each) => each.offset + each.counts.length));
  const scale = first?.kind === 'exponential' ? first.scale : 0;
  return filled.length === 0
    ? { kind: 'exponential', scale, zeroCount: 0, offset: 0, counts: [] }
    : { kind: 'exponential', scale, zeroCount: 0, offset, counts: new Array<number>(end - offset).fill(0) };
}
