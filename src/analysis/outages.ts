import type { MeasuredWindow, Metric, Sample, Template } from '../domain/index.js';
import { histogramQuantile, type SeriesWindow, sustainedExcess } from '../statistics/index.js';

/**
 * Windows in which the baseline had an outage by any metric of the template, which say nothing about a normal day: two minutes of it in
 * an hour of history would make every later error look like part of a burst.
 *
 * @param windows  from before the run, oldest first
 * @returns one answer for each window
 */
export function outagesIn({ metrics }: Pick<Template, 'metrics'>, windows: readonly MeasuredWindow[]): boolean[] {
  const isOut = windows.map(() => false);
  for (const metric of metrics) {
    const seen = windows.flatMap(({ measurements }, index) => {
      const reading = measurements.find((measurement) => measurement.metric === metric.name);
      const value = reading && reading.baseline.kind !== 'gap' ? badnessOf(reading.baseline, metric) : null;
      return value ? [{ index, value }] : [];
    });
    const flags = sustainedExcess(seen.map(({ value }) => value));
    seen.forEach(({ index }, position) => {
      if (flags[position]) isOut[index] = true;
    });
  }
  return isOut;
}

/** How bad a window was, larger is worse; null where it does not say, or less is worse and nobody knows of what. */
function badnessOf(sample: Sample, metric: Metric): SeriesWindow | null {
  if (sample.kind === 'counts') {
    const bad = metric.harm === 'decrease' ? sample.total - sample.events : sample.events;
    return sample.total > 0 ? { value: bad / sample.total, weight: sample.total } : null;
  }
  if (metric.harm === 'decrease') return null;
  switch (sample.kind) {
    case 'rate':
      return sample.exposure > 0 ? { value: sample.events / sample.exposure, weight: sample.exposure } : null;
    case 'distribution':
      return metric.kind === 'percentiles' ? plain(histogramQuantile(sample.histogram, Math.max(...metric.at))) : null;
    case 'moments':
      return sample.count > 0 ? plain(sample.mean) : null;
    case 'level':
      return plain(sample.value);
  }
}

const plain = (value: number | null): SeriesWindow | null =>
  value !== null && value >= 0 && value < Number.POSITIVE_INFINITY ? { value, weight: null } : null;
