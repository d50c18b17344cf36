import { type PastSeries } from '../support/prometheus.js';
import { attribute, type MetricsRequest, resourceOf, unixNano } from './otlp-request.js';
import { loadSeries, rowsOf } from './series-data.js';
import type { EarlierCase, SeriesCase } from './series-table.js';

/** Rows before the run that are also fed: what a level or rate does by itself is known from there. */
export const rowsBefore = 240;

/** So many events of a counter are one of the recorded unit: counters are whole, and the recordings are in thousands. */
const eventsOfUnit = 1000;

/** One cohort's rows on the time of a run: both cohorts start together. */
export interface CohortRows {
  readonly version: 'baseline' | 'canary';
  /** position of the first row; 0 is the start of the run */
  readonly from: number;
  readonly values: readonly number[];
}

/** @returns the rows of both cohorts, of which the run lasts as long as both have some */
export function sideBySide({ file, baseline, canary }: SeriesCase): { cohorts: CohortRows[]; rows: number } {
  const series = loadSeries(file);
  const rows = Math.min(baseline[1] - baseline[0], canary[1] - canary[0]) + 1;
  const before = Math.min(rowsBefore, baseline[0]);
  const cohorts: CohortRows[] = [
    { version: 'baseline', from: -before, values: series.slice(baseline[0] - before, baseline[0] + rows) },
    { version: 'canary', from: 0, values: rowsOf(series, canary) },
  ];
  return { cohorts, rows };
}

/** The canary, and its reference periods as far before it as the template says. */
export function withEarlier({ file, canary, references, apart }: EarlierCase): { cohorts: CohortRows[]; rows: number } {
  const series = loadSeries(file);
  const now = rowsOf(series, canary);
  const past = references.map((first, index): CohortRows => {
    return { version: 'baseline', from: -(index + 1) * apart, values: series.slice(first, first + now.length) };
  });
  return { cohorts: [...past, { version: 'canary', from: 0, values: now }], rows: now.length };
}

export interface Feed {
  /** start of the run, milliseconds since the epoch */
  readonly startAt: number;
  /** time that one row stands for */
  readonly rowMs: number;
}

/** What the service would have exported: a gauge read in the middle of each row, or a counter's increase over it. */
export function pushedSeries(
  { cohorts }: { cohorts: readonly CohortRows[] },
  as: SeriesCase['as'],
  service: string,
  feed: Feed,
): MetricsRequest[] {
  return cohorts.map(({ version, from, values }) => {
    const nano = (row: number): string => unixNano(feed.startAt, Math.round((from + row) * feed.rowMs * 1e6));
    const attributes = [attribute('zone', 'a')];
    const gauge = () => values.map((value, row) => ({ attributes, timeUnixNano: nano(row + 0.5), asDouble: value }));
    const increases = () =>
      values.map((value, row) => ({
        attributes,
        startTimeUnixNano: nano(row),
        timeUnixNano: nano(row + 1),
        asInt: String(Math.round(value * eventsOfUnit)),
      }));
    const metric =
      as === 'level'
        ? { name: 'recorded.level', unit: '1', gauge: { dataPoints: gauge() } }
        : { name: 'recorded.volume', unit: '1', sum: { dataPoints: increases(), aggregationTemporality: 1, isMonotonic: true } };
    return { resourceMetrics: [{ resource: resourceOf(service, version, `${version}-0`), scopeMetrics: [{ metrics: [metric] }] }] };
  });
}

/** The same as Prometheus would have kept it. A counter starts at 0 with each stretch of rows. */
export function keptSeries(id: string, { cohorts }: { cohorts: readonly CohortRows[] }, as: SeriesCase['as'], feed: Feed): PastSeries[] {
  return cohorts.map(({ version, from, values }, index) => {
    const at = (row: number): number => feed.startAt + (from + row) * feed.rowMs;
    const labels = { series: id, version, stretch: String(index) };
    let total = 0;
    const counted = values.map((value, row) => {
      total += Math.round(value * eventsOfUnit);
      return [at(row + 1), total] as const;
    });
    return as === 'level'
      ? { name: 'recorded_level', labels, samples: values.map((value, row) => [at(row + 0.5), value] as const) }
      : { name: 'recorded_volume_total', labels, samples: [[at(0), 0] as const, ...counted] };
  });
}
