import {
  type KayentaClassification,
  type KayentaResult,
  type KayentaScore,
  type KayentaSettings,
  kayentaClassify,
  kayentaScore,
} from '../statistics/index.js';

/** One metric of a canary config with a pair of its time series. */
export interface PointsOfMetric {
  readonly settings: KayentaSettings;
  readonly groups: readonly string[];
  readonly muted: boolean;
  /** null and NaN are missing values */
  readonly control: readonly (number | null)[];
  readonly experiment: readonly (number | null)[];
}

export interface JudgedPoints {
  readonly results: readonly KayentaResult[];
  readonly score: KayentaScore;
}

/** A metric as it was classified, for a score. */
export interface ClassifiedMetric {
  readonly classification: KayentaClassification;
  readonly groups: readonly string[];
  readonly critical: boolean;
  readonly muted: boolean;
}

/** Kayenta's judge on points that somebody else has read. Not valid under peeking, and blind to points that follow each other. */
export function judgePoints(
  metrics: readonly PointsOfMetric[],
  groupWeights: Readonly<Record<string, number>>,
  thresholds: { readonly pass: number; readonly marginal: number },
): JudgedPoints {
  const results = metrics.map(({ control, experiment, settings }) => kayentaClassify(control, experiment, settings));
  const classified = results.map(({ classification, critical }, index): ClassifiedMetric => {
    const { groups = [], muted = false } = metrics[index] ?? {};
    return { classification, critical, groups, muted };
  });
  return { results, score: scoreOfClassified(classified, groupWeights, thresholds) };
}

/** Kayenta's score, by group too. */
export const scoreOfClassified = (
  metrics: readonly ClassifiedMetric[],
  groupWeights: Readonly<Record<string, number>>,
  thresholds: { readonly pass: number; readonly marginal: number },
): KayentaScore => kayentaScore(metrics, groupWeights, thresholds);
