import type { KayentaClassification } from './kayenta-classify.js';

export interface KayentaMetric {
  readonly classification: KayentaClassification;
  readonly groups: readonly string[];
  readonly critical: boolean;
  readonly muted: boolean;
}

export interface KayentaScore {
  /** 0–100, two decimals */
  readonly score: number;
  readonly classification: 'Pass' | 'Marginal' | 'Fail';
  /** 0–100 by group; 0 where a group had no data */
  readonly groups: Readonly<Record<string, number>>;
  /** ok: from the groups; critical, nodata: why the score is 0 */
  readonly path: 'ok' | 'critical' | 'nodata';
}

/**
 * Kayenta's score of an analysis from its metrics' classifications.
 *
 * A group without data counts as 100, as in Kayenta.
 *
 * @param groupWeights  per cent by group; groups not named share what is left equally
 * @see docs/statistics.md, Kayenta
 */
export function kayentaScore(
  metrics: readonly KayentaMetric[],
  groupWeights: Readonly<Record<string, number>>,
  thresholds: { readonly pass: number; readonly marginal: number },
): KayentaScore {
  const heard = metrics.filter((metric) => !metric.muted);
  const names = [...new Set(heard.flatMap((metric) => metric.groups))];
  const scores = new Map(names.map((name) => [name, groupScore(heard.filter((metric) => metric.groups.includes(name)))]));
  const path = pathOf(heard);
  const score = path === 'ok' ? summaryScore(scores, groupWeights) : 0;
  const classification = score >= thresholds.pass ? 'Pass' : score >= thresholds.marginal ? 'Marginal' : 'Fail';
  return { score, classification, groups: Object.fromEntries(names.map((name) => [name, scores.get(name) ?? 0])), path };
}

function pathOf(metrics: readonly KayentaMetric[]): KayentaScore['path'] {
  if (metrics.some((metric) => metric.critical && metric.classification !== 'Pass')) return 'critical';
  const silent = metrics.filter((metric) => metric.classification === 'Nodata').length;
  return silent >= metrics.length / 2 ? 'nodata' : 'ok';
}

/** Share of passing metrics, per cent; null where none had data. */
function groupScore(metrics: readonly KayentaMetric[]): number | null {
  const judged = metrics.filter((metric) => metric.classification !== 'Nodata');
  const passed = judged.filter((metric) => metric.classification === 'Pass');
  return judged.length === 0 ? null : (100 * passed.length) / judged.length;
}

function summaryScore(scores: ReadonlyMap<string, number | null>, groupWeights: Readonly<Record<string, number>>): number {
  const left = 100 - Object.values(groupWeights).reduce((sum, weight) => sum + weight, 0);
  const unnamed = [...scores.keys()].filter((name) => !Object.hasOwn(groupWeights, name)).length;
  let sum = 0;
  for (const [name, score] of scores) {
    const weight = Object.hasOwn(groupWeights, name) ? (groupWeights[name] as number) : left / unnamed;
    sum += ((score ?? 100) * weight) / 100;
  }
  return Math.round(sum * 100) / 100;
}
