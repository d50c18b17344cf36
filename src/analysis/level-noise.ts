import type { Margin, Measurement, OfPods } from '../domain/index.js';
import { type GaugeHistory, RunningSeries } from '../statistics/index.js';
import { type ExcessRule, excessRule } from './excess-over-noise.js';
import { LastingPods, type LastingSpread } from './lasting-pods.js';
import { sampleOf } from './weighing.js';

/** Windows from before the run that tell the noise of a level: an hour of 15 s (statistics §D.3). */
const enoughHistory = 240;

/** In how many pods' mean the two cohorts of a difference are, as Σ 1/m over the run's windows. */
export interface PodShares {
  readonly canary: number;
  readonly baseline: number;
}

/** What tells the noise of canary − ratio · baseline: single pods, the baseline's level, or nothing but the run itself. */
export type NoiseOfDifference =
  | { readonly of: 'pods' | 'level'; readonly history: GaugeHistory }
  | { readonly of: 'run'; readonly history: null };

/**
 * The noise of a level, learned from the baseline before the run.
 *
 * Where pods are known, from the difference of two halves of them: what hits all pods cancels there as it does between canary and
 * baseline, and what is left is noise of single pods, which shrinks with their number. Otherwise from the level itself, as if the
 * canary had as much noise again and no shock were shared, which is never too little.
 */
export class LevelNoise {
  private readonly halves = new PodHalves();
  private readonly lasting = new LastingPods();
  private readonly level = new RunningSeries();
  private readonly levels: number[] = [];

  /** Windows from before the run, in order of time. */
  learn({ baseline }: Measurement): void {
    const sample = sampleOf(baseline, 'level');
    if (!sample || !Number.isFinite(sample.value)) return;
    this.level.add(sample.value);
    this.levels.push(sample.value);
    if (!sample.pods) return;
    this.halves.learn(sample.pods);
    this.lasting.learn(sample.pods);
  }

  /**
   * Noise of canary − ratio · baseline.
   *
   * @param shares  mean over the windows of 1 / pods of each cohort
   */
  ofDifference(ratio: number, shares: PodShares): NoiseOfDifference {
    const ofPod = this.halves.noiseOfPod();
    if (ofPod)
      return { of: 'pods', history: { lag1: ofPod.lag1, variance: ofPod.variance * (shares.canary + ratio ** 2 * shares.baseline) } };
    const alone = this.ofLevel();
    if (alone === null) return { of: 'run', history: null };
    return { of: 'level', history: { lag1: alone.lag1, variance: (1 + ratio ** 2) * alone.variance } };
  }

  /** When a difference between two cohorts is larger than the baseline's are from itself; null: too little is known, or single pods tell more. */
  excess(margin: Margin, sign: 1 | -1): ExcessRule | null {
    return this.levels.length < enoughHistory || this.halves.noiseOfPod() ? null : excessRule(this.levels, margin, sign);
  }

  /** How much single pods differ for good; null: too few are known. */
  spreadOfPods(): LastingSpread | null {
    return this.lasting.spread();
  }

  /** Noise of one cohort's level by itself. */
  ofLevel(): GaugeHistory | null {
    return noiseIn(this.level);
  }
}

/**
 * An hour of a sticky level shows only part of its spread, as it has so few effective values, and says little about how sticky it is. So
 * the variance is made unbiased, and the autocorrelation is taken one standard error above its estimate: with the estimate itself 1.4 %
 * of quiet runs are taken for harm at an autocorrelation of 0.95, with it 0.5 % (6 000 runs), for a seventh more windows at 0.8.
 */
function noiseIn(series: RunningSeries): GaugeHistory | null {
  if (series.count < enoughHistory) return null;
  const { lag1Safe, sampleVariance } = series.autocorrelation();
  const effective = (series.count * (1 - lag1Safe)) / (1 + lag1Safe);
  return { lag1: lag1Safe, variance: sampleVariance / (1 - 1 / effective) };
}

/** Splits pods into two halves: a pod stays where it was put, and a new one joins the half that is smaller when it is first seen. */
class PodHalves {
  private readonly sides = new Map<string, 0 | 1>();
  /** difference of the halves' means, in units of one pod's noise */
  private readonly differences = new RunningSeries();

  learn(pods: OfPods<number>): void {
    const sums = [0, 0];
    const counts = [0, 0];
    const take = (side: 0 | 1, level: number): void => {
      sums[side] = (sums[side] ?? 0) + level;
      counts[side] = (counts[side] ?? 0) + 1;
    };
    const newcomers: [string, number][] = [];
    for (const [pod, level] of Object.entries(pods)) {
      if (!Number.isFinite(level)) continue;
      const side = this.sides.get(pod);
      if (side === undefined) newcomers.push([pod, level]);
      else take(side, level);
    }
    for (const [pod, level] of newcomers.sort(byHash)) {
      const side = (counts[0] ?? 0) <= (counts[1] ?? 0) ? 0 : 1;
      this.sides.set(pod, side);
      take(side, level);
    }
    const [[sumOne = 0, sumTwo = 0], [one = 0, two = 0]] = [sums, counts];
    if (one > 0 && two > 0) this.differences.add((sumOne / one - sumTwo / two) / Math.sqrt(1 / one + 1 / two));
  }

  noiseOfPod(): GaugeHistory | null {
    return noiseIn(this.differences);
  }
}

/** In no order that a scheduler could have had in mind (zones, node pools), and the same on any machine. */
const byHash = ([a]: readonly [string, number], [b]: readonly [string, number]): number => hashOf(a) - hashOf(b) || (a < b ? -1 : 1);

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
