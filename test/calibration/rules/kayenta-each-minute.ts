import type { MeasuredWindow } from '../../../src/domain/index.js';
import { mannWhitneyScore } from '../../../src/statistics/classic/mann-whitney-score.js';
import { type KayentaClassification, kayentaClassify, kayentaScore, normalQuantile } from '../../../src/statistics/index.js';
import { readingsOf, windowsPerMinute } from './readings.js';

/** With fewer values a rank test at 1 % cannot reject; Kayenta would go by a single pair of unlike values. */
const fewestValues = 5;

/** The judge of Kayenta on one value a minute (a gauge: one a window), all since the start, asked again every minute. */
export function rollbackByKayenta(windows: readonly MeasuredWindow[], percentile: number, classify = quickClassification): number | null {
  const metrics = windows[0]?.measurements.length ?? 0;
  const isGauge = windows[0]?.measurements[0]?.canary.kind === 'level';
  const step = isGauge ? 1 : windowsPerMinute;
  const series = Array.from({ length: metrics }, (_, metric) => {
    const readings = readingsOf(windows, metric, step, percentile);
    return { baseline: readings.map(({ baseline }) => baseline), canary: readings.map(({ canary }) => canary) };
  });
  for (let end = windowsPerMinute; end <= windows.length; end += windowsPerMinute) {
    const count = end / step;
    if (count < fewestValues) continue;
    const judged = series.map(({ baseline, canary }) => {
      const classification = classify(baseline.slice(0, count), canary.slice(0, count));
      return { classification, groups: ['all'], critical: false, muted: false };
    });
    if (kayentaScore(judged, {}, { pass: 95, marginal: 75 }).classification === 'Fail') return end;
  }
  return null;
}

type Values = readonly (number | null)[];

/** The judge itself. */
export const fullClassification = (baseline: Values, canary: Values): KayentaClassification =>
  kayentaClassify(baseline, canary, { direction: 'increase' }).classification;

/** Further below 0 than the judge's root solver, which has a tolerance of 1e-4, can mistake for a value above 0. */
const surelyBelow = -2e-4;
const highScore = -normalQuantile(0.01);

/** The same answer, a hundred times as fast for a healthy canary: the judge is asked only where the ranks do not exclude "High". */
export function quickClassification(baseline: Values, canary: Values): KayentaClassification {
  const present = (values: Values): number[] => values.flatMap((value) => value ?? []);
  const [below, above] = [present(baseline), present(canary)];
  if (below.length === baseline.length && above.length === canary.length) {
    const shifted = above.map((value) => value - surelyBelow);
    if (mannWhitneyScore(shifted, below, 'sign') < highScore) return 'Pass';
  }
  return fullClassification(baseline, canary);
}
