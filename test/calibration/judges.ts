import { judge } from '../../src/analysis/judge.js';
import type { MeasuredWindow, Template } from '../../src/domain/index.js';
import {
  type Histogram,
  histogramQuantile,
  kayentaClassify,
  kayentaScore,
  mergeHistograms,
  twoProportionZ,
  welchT,
} from '../../src/statistics/index.js';
import type { DrawnWorld } from './world.js';

/** When a judge said what: windows from the start of the run to the end of the deciding one; null: never. */
export interface Course {
  readonly rollback: number | null;
  readonly promote: number | null;
}

/** The product: every look of the run, each on all windows so far, until a verdict is final. */
export function judgeByAssay(template: Template, { history, windows }: DrawnWorld): Course {
  const from = new Date(windows[0]?.from ?? 0);
  const measured: MeasuredWindow[] = [];
  for (const window of windows) {
    measured.push(window);
    const { final, decision } = judge({ template, from }, measured, { history, withIntervals: false });
    if (final)
      return { rollback: decision === 'rollback' ? measured.length : null, promote: decision === 'promote' ? measured.length : null };
  }
  return { rollback: null, promote: null };
}

/** What the rules that people use today need to know. */
export interface RuleSettings {
  /** percentile of a latency metric */
  readonly percentile: number;
  /** a canary's value above this fails a check */
  readonly threshold: number;
  /** canary over baseline above this fails a check */
  readonly ratio: number;
}

export type RuleName = 'kayenta' | 'threshold' | 'ratio' | 'z-test';

/** Each rule on the windows of one run: in which window it rolls back; null: never. It never promotes before the end. */
export const rules: Readonly<Record<RuleName, (windows: readonly MeasuredWindow[], settings: RuleSettings) => number | null>> = {
  kayenta: rollbackByKayenta,
  threshold: (windows, { threshold, percentile }) =>
    rollbackByFailures(windows, percentile, ({ canary }) => canary !== null && canary > threshold, 5),
  ratio: (windows, { ratio, percentile }) =>
    rollbackByFailures(windows, percentile, ({ baseline, canary }) => canary !== null && baseline !== null && canary > ratio * baseline, 4),
  'z-test': rollbackByPeeking,
};

const windowsPerMinute = 4;

interface Reading {
  readonly baseline: number | null;
  readonly canary: number | null;
}

/** With fewer values a rank test at 1 % cannot reject; Kayenta would go by a single pair of unlike values. */
const fewestValues = 5;

/** The judge of Kayenta on one value a minute (a gauge: one a window), all since the start, asked again every minute. */
function rollbackByKayenta(windows: readonly MeasuredWindow[], { percentile }: RuleSettings): number | null {
  const metrics = windows[0]?.measurements.length ?? 0;
  const isGauge = windows[0]?.measurements[0]?.canary.kind === 'level';
  const step = isGauge ? 1 : windowsPerMinute;
  const series = Array.from({ length: metrics }, (_, metric) => readingsOf(windows, metric, step, percentile));
  for (let end = windowsPerMinute; end <= windows.length; end += windowsPerMinute) {
    if (end / step < fewestValues) continue;
    const judged = series.map((readings) => {
      const seen = readings.slice(0, end / step);
      const { classification } = kayentaClassify(
        seen.map(({ baseline }) => baseline),
        seen.map(({ canary }) => canary),
        { direction: 'increase' },
      );
      return { classification, groups: ['all'], critical: false, muted: false };
    });
    if (kayentaScore(judged, {}, { pass: 95, marginal: 75 }).classification === 'Fail') return end;
  }
  return null;
}

/** One check a minute on that minute alone; rolls back at the n-th one that fails. */
function rollbackByFailures(
  windows: readonly MeasuredWindow[],
  percentile: number,
  fails: (reading: Reading) => boolean,
  limit: number,
): number | null {
  const metrics = windows[0]?.measurements.length ?? 0;
  const failures = new Array<number>(metrics).fill(0);
  const series = Array.from({ length: metrics }, (_, metric) => readingsOf(windows, metric, windowsPerMinute, percentile));
  for (let minute = 0; (minute + 1) * windowsPerMinute <= windows.length; minute += 1) {
    for (const [metric, readings] of series.entries()) {
      const reading = readings[minute];
      if (reading && fails(reading)) failures[metric] = (failures[metric] ?? 0) + 1;
      if ((failures[metric] ?? 0) >= limit) return (minute + 1) * windowsPerMinute;
    }
  }
  return null;
}

/** A test at 1 % on the totals so far, at every window: two proportions, or Welch's t for levels. */
function rollbackByPeeking(windows: readonly MeasuredWindow[]): number | null {
  const metrics = windows[0]?.measurements.length ?? 0;
  const ends = Array.from({ length: metrics }, (_, metric) => peek(windows, metric)).flatMap((end) => end ?? []);
  return ends.length > 0 ? Math.min(...ends) : null;
}

const significant = 0.01;

function peek(windows: readonly MeasuredWindow[], metric: number): number | null {
  const totals = { baseline: { total: 0, events: 0 }, canary: { total: 0, events: 0 } };
  const levels = { baseline: [] as number[], canary: [] as number[] };
  for (const [index, window] of windows.entries()) {
    for (const cohort of ['baseline', 'canary'] as const) {
      const sample = window.measurements[metric]?.[cohort];
      if (sample?.kind === 'level') levels[cohort].push(sample.value);
      if (sample?.kind !== 'counts') continue;
      totals[cohort].total += sample.total;
      totals[cohort].events += sample.events;
    }
    if (totals.canary.total > 0) {
      const { pTwoSided } = twoProportionZ(totals.canary, totals.baseline);
      const isWorse = totals.canary.events * totals.baseline.total > totals.baseline.events * totals.canary.total;
      if (isWorse && pTwoSided < significant) return index + 1;
    } else if (levels.canary.length >= 2) {
      const { t, pTwoSided } = welchT(levels.canary, levels.baseline);
      if (t > 0 && pTwoSided < significant) return index + 1;
    }
  }
  return null;
}

/** One value of each cohort for every `step` windows. */
function readingsOf(windows: readonly MeasuredWindow[], metric: number, step: number, percentile: number): Reading[] {
  const readings: Reading[] = [];
  for (let index = 0; index + step <= windows.length; index += step) {
    const group = windows.slice(index, index + step);
    const reading = (cohort: 'baseline' | 'canary'): number | null =>
      valueOfGroup(
        group.flatMap(({ measurements }) => measurements[metric]?.[cohort] ?? []),
        percentile,
      );
    readings.push({ baseline: reading('baseline'), canary: reading('canary') });
  }
  return readings;
}

function valueOfGroup(samples: readonly MeasuredWindow['measurements'][number]['canary'][], percentile: number): number | null {
  let [total, events, level] = [0, 0, 0];
  let merged: Histogram | null = null;
  for (const sample of samples) {
    if (sample.kind === 'counts') [total, events] = [total + sample.total, events + sample.events];
    if (sample.kind === 'distribution') merged = merged ? mergeHistograms(merged, sample.histogram) : sample.histogram;
    if (sample.kind === 'level') level += sample.value / samples.length;
  }
  if (merged) return histogramQuantile(merged, percentile);
  if (samples[0]?.kind === 'level') return level;
  return total > 0 ? events / total : null;
}
