import { betCount } from '../betting/bet-grid.js';
import { logSumExp } from '../special/log-sum-exp.js';
import type { BetGrowth } from './bet-growth.js';
import { firstPassageMedian } from './first-passage-median.js';

/** Windows under one split, one after the other. */
export interface ForecastStretch {
  /** > 0; Infinity for the last one */
  readonly windows: number;
  /** canary observations of one window, > 0 */
  readonly observations: number;
  readonly growth: BetGrowth;
}

export interface ForecastAim {
  /** ln of the e-value to reach, such as ln(1/α) */
  readonly logE: number;
  /** dispersion, ≥ 1 */
  readonly phi: number;
  /** most that one window may add to a bet, in nats; null: no limit */
  readonly cap?: number | null;
}

/**
 * Median number of windows until the evidence of the mixture over all bets is reached, before any data.
 *
 * The level that the best bet needs is where the mean path of the mixture gets there; the median is that of a random walk with its
 * drift and its variance. Within 15 % of simulated medians; where the first few windows decide, a window more may be needed.
 *
 * @returns Infinity where the evidence never gets there: the truth is not on that side of the margin, or the stretches end before
 * @throws {RangeError} logE ≤ 0, phi < 1, or a stretch without observations
 * @see docs/statistics.md, how long it takes
 */
export function windowsToEvidence(stretches: readonly ForecastStretch[], { logE, phi, cap = null }: ForecastAim): number {
  if (!(logE > 0 && phi >= 1)) throw new RangeError(`logE must be > 0 and phi >= 1, got ${logE} and ${phi}`);
  const path = stretches.map((stretch) => perWindow(stretch, phi, cap ?? Infinity));
  const mean = (windows: number): Float64Array => gathered(path, windows, 'mean');
  const last = path.reduce((sum, { windows }) => sum + windows, 0);
  const reached = (windows: number): boolean => logSumExp(mean(windows)) - Math.log(betCount) >= logE;
  const expected = firstWhere(reached, last);
  if (expected === Infinity) return Infinity;

  const atExpected = mean(expected);
  const best = atExpected.indexOf(Math.max(...atExpected));
  const level = atExpected[best] as number;
  const variance = gathered(path, expected, 'variance')[best] as number;
  const share = firstPassageMedian(level ** 2 / variance);
  return windowsUntil(path, best, share * level);
}

/** The forecast of {@link windowsToEvidence} in canary observations, under one split and without a cap. */
export function observationsToEvidence(growth: BetGrowth, aim: Pick<ForecastAim, 'logE' | 'phi'>): number {
  return windowsToEvidence([{ windows: Infinity, observations: 1, growth }], aim);
}

interface PerWindow {
  readonly windows: number;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Evidence divided by φ, of bursts that make it φ times as variable. A bet at its cap does not vary any more. */
function perWindow({ windows, observations, growth }: ForecastStretch, phi: number, cap: number): PerWindow {
  if (!(observations > 0 && windows > 0))
    throw new RangeError(`a stretch needs windows and observations, got ${windows} of ${observations}`);
  const scale = observations / phi;
  return {
    windows,
    mean: growth.mean.map((mean) => Math.min(cap, scale * mean)),
    variance: growth.variance.map((variance, k) => (scale * (growth.mean[k] as number) > cap ? 0 : scale * variance)),
  };
}

function gathered(path: readonly PerWindow[], windows: number, what: 'mean' | 'variance'): Float64Array {
  const sums = new Float64Array(betCount);
  let left = windows;
  for (const stretch of path) {
    const used = Math.min(left, stretch.windows);
    for (let k = 0; k < betCount; k++) sums[k] = (sums[k] as number) + used * (stretch[what][k] as number);
    left -= used;
    if (left <= 0) break;
  }
  return sums;
}

/** Windows until the mean path of one bet reaches a level that it does reach. */
function windowsUntil(path: readonly PerWindow[], bet: number, level: number): number {
  let [windows, gained] = [0, 0];
  for (const stretch of path) {
    const each = stretch.mean[bet] as number;
    if (gained + each * stretch.windows >= level) return windows + (level - gained) / each;
    windows += stretch.windows;
    gained += each * stretch.windows;
  }
  return windows;
}

/** Longer than this nobody waits: ten thousand years of windows of a second. */
const longest = 3e11;

/** Smallest number of windows at which something holds that goes on holding; Infinity where it does not up to `last`. */
function firstWhere(holds: (windows: number) => boolean, last: number): number {
  let high = Math.min(last, 1);
  while (!holds(high)) {
    if (high >= Math.min(last, longest)) return Infinity;
    high = Math.min(last, 2 * high);
  }
  let low = 0;
  for (let i = 0; i < 34; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
