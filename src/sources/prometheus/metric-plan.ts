import type { Metric, Selection } from '../../domain/index.js';
import type { ReadBoth, ReadCohort } from './cohort-reading.js';
import { shortened } from './cohort-reading.js';
import { type CohortSelection, selectBoth } from './cohort-selection.js';
import type { CohortTable } from './cohort-tables.js';
import { readProportion, readRate, textOf } from './counter-readings.js';
import type { StillSeries } from './freshness.js';
import { readGauge } from './gauge-reading.js';
import { readHistograms } from './histogram-reading.js';
import { parseSelector } from './selector.js';

/** What must be asked to measure one metric. */
export interface MetricPlan {
  readonly metric: Metric;
  /** edges: where windows begin and end; ends: where they end */
  readonly at: 'edges' | 'ends';
  /** in the order that {@link readMetric} wants their answers */
  readonly queries: readonly string[];
  /** the series that show whether anybody was looking; null: free PromQL, whose samples have no time of their own */
  readonly still: StillSeries | null;
  readonly remarks: readonly string[];
}

/** @throws {RangeError} the metric is not one of Prometheus */
export function planMetric(metric: Metric, cohorts: CohortSelection): MetricPlan {
  const { selections, suffixes } = asked(metric);
  const texts = selections.map(textOf);
  const selectors = texts
    .map(parseSelector)
    .map((selector) => selector && { ...selector, name: selector.name && stem(selector.name, suffixes) });
  const free = texts.filter((_, i) => selectors[i] === null);
  const [denominator] = selectors;
  return {
    metric,
    at: metric.kind === 'gauge' ? 'ends' : 'edges',
    queries: texts.map((text, i) => (selectors[i] ? selectBoth(selectors[i], cohorts, suffixes) : text)),
    still: denominator ? { selector: denominator, suffixes: suffixes.filter((suffix) => suffix !== '_sum') } : null,
    remarks:
      metric.kind === 'gauge'
        ? []
        : free.map((text) => `${shortened(text)} is free PromQL: restarts inside what it adds up cannot be seen`),
  };
}

/** The denominator first. */
function asked(metric: Metric): { selections: readonly Selection[]; suffixes: readonly string[] } {
  switch (metric.kind) {
    case 'proportion':
      return { selections: [metric.of, metric.events], suffixes: [''] };
    case 'rate':
      return { selections: metric.per === 'second' ? [metric.events] : [metric.per, metric.events], suffixes: [''] };
    case 'percentiles':
      return { selections: [metric.of], suffixes: ['', '_bucket'] };
    case 'mean':
      return { selections: [metric.of], suffixes: ['', '_bucket', '_sum'] };
    case 'gauge':
      return { selections: [metric.of], suffixes: [''] };
  }
}

/** `latency_seconds_bucket` names the histogram `latency_seconds`. */
const stem = (name: string, suffixes: readonly string[]): string => (suffixes.length > 1 ? name.replace(/_bucket$/, '') : name);

/** Turns the answers to a plan's queries into readings of windows. */
export function readMetric(metric: Metric, answers: readonly CohortTable[], seconds: number, pod: string | null): ReadBoth {
  const [denominator, events] = answers;
  if (!denominator) throw new RangeError(`nothing was asked for ${metric.name}`);
  switch (metric.kind) {
    case 'proportion':
      return each(readProportion(metric, { of: denominator, events: events ?? denominator }, pod));
    case 'rate':
      return each(readRate(metric, { events: events ?? denominator, per: events ? denominator : null }, seconds, pod));
    case 'percentiles':
    case 'mean':
      return readHistograms(metric, denominator, pod);
    case 'gauge':
      return each(readGauge(metric, denominator, pod));
  }
}

const each =
  (read: ReadCohort): ReadBoth =>
  (edge) => ({ baseline: read('baseline', edge), canary: read('canary', edge) });
