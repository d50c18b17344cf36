import type { MeasuredWindow, Sample } from '../../../src/domain/index.js';
import { type Histogram, histogramQuantile, mergeHistograms } from '../../../src/statistics/index.js';

/** What a tool that asks once in a while would see of both cohorts. */
export interface Reading {
  readonly baseline: number | null;
  readonly canary: number | null;
}

export const windowsPerMinute = 4;

/** One value of each cohort for every `step` windows: a share, a percentile, or a mean level. */
export function readingsOf(windows: readonly MeasuredWindow[], metric: number, step: number, percentile: number): Reading[] {
  const readings: Reading[] = [];
  for (let index = 0; index + step <= windows.length; index += step) {
    const group = windows.slice(index, index + step);
    const reading = (cohort: 'baseline' | 'canary'): number | null =>
      valueOfGroup(
        group.flatMap(({ measurements }) => measurements[metric]?.[cohort] ?? []).filter((sample) => sample.kind !== 'gap'),
        percentile,
      );
    readings.push({ baseline: reading('baseline'), canary: reading('canary') });
  }
  return readings;
}

function valueOfGroup(samples: readonly Sample[], percentile: number): number | null {
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
