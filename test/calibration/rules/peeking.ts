import type { MeasuredWindow } from '../../../src/domain/index.js';
import { twoProportionZ, welchT } from '../../../src/statistics/index.js';

const significant = 0.01;

/** A test at 1 % on the totals so far, at every window: two proportions, or Welch's t for levels. */
export function rollbackByPeeking(windows: readonly MeasuredWindow[]): number | null {
  const metrics = windows[0]?.measurements.length ?? 0;
  const ends = Array.from({ length: metrics }, (_, metric) => peek(windows, metric)).flatMap((end) => end ?? []);
  return ends.length > 0 ? Math.min(...ends) : null;
}

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
    if (totals.canary.total > 0 ? isMoreOften(totals) : isHigher(levels)) return index + 1;
  }
  return null;
}

type Arms<T> = Readonly<Record<'baseline' | 'canary', T>>;

function isMoreOften({ baseline, canary }: Arms<{ readonly total: number; readonly events: number }>): boolean {
  const isWorse = canary.events * baseline.total > baseline.events * canary.total;
  return isWorse && twoProportionZ(canary, baseline).pTwoSided < significant;
}

function isHigher({ baseline, canary }: Arms<readonly number[]>): boolean {
  if (canary.length < 2) return false;
  const { t, pTwoSided } = welchT(canary, baseline);
  return t > 0 && pTwoSided < significant;
}
