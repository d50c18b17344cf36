import { rankSum } from '../classic/rank-sum.js';
import { shiftRoots } from '../classic/shift-roots.js';
import { normalQuantile } from '../special/normal-quantile.js';
import { iqrOutliers } from './iqr-outliers.js';

/** Kayenta's own words: High and Low say on which side of the control the experiment lies. */
export type KayentaClassification = 'Pass' | 'High' | 'Low' | 'Nodata' | 'NodataFailMetric';

/** A metric's settings by Kayenta's names; absent ones have Kayenta's defaults. */
export interface KayentaSettings {
  readonly direction?: 'increase' | 'decrease' | 'either';
  readonly nanStrategy?: 'remove' | 'replace';
  readonly outlierStrategy?: 'keep' | 'remove';
  readonly outlierFactor?: number;
  readonly effectMeasure?: 'meanRatio' | 'cles';
  readonly allowedIncrease?: number;
  readonly allowedDecrease?: number;
  readonly criticalIncrease?: number;
  readonly criticalDecrease?: number;
  readonly critical?: boolean;
  readonly mustHaveData?: boolean;
}

/** Estimated shift from control to experiment with its 98 % interval. */
export interface KayentaShift {
  readonly lower: number;
  readonly upper: number;
  readonly estimate: number;
}

export interface KayentaResult {
  readonly classification: KayentaClassification;
  /** this result alone fails the analysis */
  readonly critical: boolean;
  /** mean of the experiment over that of the control; NaN where either is 0; 1 where nothing was compared */
  readonly deviation: number;
  /** `deviation`, or the chance that an experiment's value is the larger one; NaN where undefined */
  readonly effectSize: number;
  /** null where the samples were not compared */
  readonly shift: KayentaShift | null;
}

const shiftTolerance = 0.25;
const rootTolerance = 1e-4;

/**
 * What Kayenta's NetflixACAJudge-v1.0 says on one metric. Not valid under peeking; for migration and comparison only.
 *
 * Two constant but different samples get the limit of Kayenta's random noise, so that answers can be repeated. Kayenta's
 * absolute root tolerance of 1e-4 is kept: shifts of values near 1e-5 are classified by chance.
 *
 * @param control     null and NaN are missing values
 * @param experiment  null and NaN are missing values
 * @see docs/statistics.md, Kayenta
 */
export function kayentaClassify(
  control: readonly (number | null)[],
  experiment: readonly (number | null)[],
  settings: KayentaSettings = {},
): KayentaResult {
  const [baseline, canary] = [prepared(control, settings), prepared(experiment, settings)];
  if (baseline.length === 0 || canary.length === 0) return withoutData(settings);
  if (sameValues(baseline, canary) || new Set([...baseline, ...canary]).size === 1) return uncompared('Pass', false);

  const shift = estimateShift(canary, baseline);
  const deviation = meanRatio(canary, baseline);
  const effectSize = settings.effectMeasure === 'cles' ? commonLanguageEffect(canary, baseline) : deviation;
  const classification = classify(shift, effectSize, settings);
  return { classification, critical: isCritical(classification, effectSize, settings), deviation, effectSize, shift };
}

function prepared(values: readonly (number | null)[], settings: KayentaSettings): number[] {
  const { nanStrategy = 'remove', outlierStrategy = 'keep', outlierFactor = 3 } = settings;
  const present = values.flatMap((value) => {
    if (value !== null && !Number.isNaN(value)) return [value];
    return nanStrategy === 'replace' ? [0] : [];
  });
  if (outlierStrategy === 'keep' || present.length === 0) return present;
  const outlier = iqrOutliers(present, outlierFactor, true);
  return present.filter((_, i) => !outlier[i]);
}

function withoutData({ nanStrategy, mustHaveData = false, critical = false }: KayentaSettings): KayentaResult {
  if (nanStrategy === 'replace') return uncompared('Pass', false);
  return mustHaveData && !critical ? uncompared('NodataFailMetric', false) : uncompared('Nodata', critical);
}

const uncompared = (classification: KayentaClassification, critical: boolean): KayentaResult => {
  return { classification, critical, deviation: 1, effectSize: 1, shift: null };
};

function sameValues(x: readonly number[], y: readonly number[]): boolean {
  const [first, second] = [Float64Array.from(x).sort(), Float64Array.from(y).sort()];
  return first.length === second.length && first.every((value, i) => value === second[i]);
}

function estimateShift(canary: readonly number[], baseline: readonly number[]): KayentaShift {
  if (new Set(canary).size === 1 && new Set(baseline).size === 1) {
    const shift = (canary[0] as number) - (baseline[0] as number);
    return { lower: shift, upper: shift, estimate: shift };
  }
  const z = -normalQuantile(0.01);
  const search = { continuity: 'sign', tolerance: rootTolerance } as const;
  const [lower, upper, estimate] = shiftRoots(canary, baseline, [z, -z, 0], search) as [number, number, number];
  return { lower, upper, estimate };
}

function meanRatio(canary: readonly number[], baseline: readonly number[]): number {
  const [above, below] = [meanOf(canary), meanOf(baseline)];
  return above === 0 || below === 0 ? Number.NaN : above / below;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function commonLanguageEffect(canary: readonly number[], baseline: readonly number[]): number {
  const { rankSum: ranks } = rankSum(canary, baseline);
  return (ranks - (canary.length * (canary.length + 1)) / 2) / (canary.length * baseline.length);
}

function classify({ lower, upper, estimate }: KayentaShift, effectSize: number, settings: KayentaSettings): KayentaClassification {
  const { direction = 'either', allowedIncrease, allowedDecrease } = settings;
  const bar = shiftTolerance * Math.abs(estimate);
  if (direction !== 'decrease' && lower > bar && !(effectSize < (allowedIncrease ?? noEffect(settings)))) return 'High';
  if (direction !== 'increase' && upper < -bar && !(effectSize > (allowedDecrease ?? noEffect(settings)))) return 'Low';
  return 'Pass';
}

function isCritical(classification: KayentaClassification, effectSize: number, settings: KayentaSettings): boolean {
  const { critical = false, criticalIncrease, criticalDecrease } = settings;
  if (!critical) return false;
  if (classification === 'High') return !(effectSize < (criticalIncrease ?? noEffect(settings)));
  return classification === 'Low' && !(effectSize > (criticalDecrease ?? noEffect(settings)));
}

const noEffect = ({ effectMeasure }: KayentaSettings): number => (effectMeasure === 'cles' ? 0.5 : 1);
