import type { Incident } from './incident.js';
import { bucketCounts, fineBounds, tallies } from './tally.js';

export interface Exposition {
  /** when the first requests of both cohorts start, milliseconds since the epoch */
  readonly startAt: number;
  /** time between scrapes */
  readonly everyMs: number;
}

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'histogram';
  readonly lines: string[];
}

/**
 * Incidents as a scraper would have kept them, for `promtool tsdb create-blocks-from openmetrics`: counters of requests and errors and
 * a classic histogram of durations, cumulative from 0, told apart by the labels `incident`, `version` and `pod`.
 */
export function openMetrics(incidents: readonly Incident[], exposition: Exposition): string {
  const requests: Family = { name: 'requests', type: 'counter', lines: [] };
  const errors: Family = { name: 'errors', type: 'counter', lines: [] };
  const durations: Family = { name: 'request_duration_seconds', type: 'histogram', lines: [] };
  for (const incident of incidents) {
    for (const series of podSeries(incident, exposition)) {
      requests.lines.push(...series.counter('requests_total', 'requests'));
      errors.lines.push(...series.counter('errors_total', 'errors'));
      durations.lines.push(...series.histogram('request_duration_seconds'));
    }
  }
  const text = [requests, errors, durations].flatMap(({ name, type, lines }) => [`# TYPE ${name} ${type}`, ...lines]);
  return `${[...text, '# EOF'].join('\n')}\n`;
}

function podSeries(incident: Incident, { startAt, everyMs }: Exposition) {
  const pods = Object.values(Object.groupBy(tallies(incident, everyMs), ({ cohort, pod }) => `${cohort} ${pod}`));
  const seconds = (sequence: number) => ((startAt + sequence * everyMs) / 1000).toFixed(3);
  return pods.map((intervals = []) => {
    const labels = `incident="${incident.id.toLowerCase()}",version="${intervals[0]?.cohort}",pod="${intervals[0]?.pod}"`;
    const line = (name: string, more: string, value: number, sequence: number) => `${name}{${labels}${more}} ${value} ${seconds(sequence)}`;
    const cumulative = (name: string, more: string, gains: readonly number[]) =>
      [0, ...runningTotals(gains)].map((value, sequence) => line(name, more, value, sequence));
    return {
      counter: (name: string, what: 'requests' | 'errors') =>
        cumulative(
          name,
          '',
          intervals.map((interval) => interval[what]),
        ),
      histogram: (name: string) => {
        const gains = intervals.map((interval) => runningTotals(bucketCounts(interval.durationsSeconds, fineBounds)));
        const buckets = [...fineBounds.map(String), '+Inf'].flatMap((le, index) =>
          cumulative(
            `${name}_bucket`,
            `,le="${le}"`,
            gains.map((gain) => gain[index] ?? 0),
          ),
        );
        const counts = intervals.map((interval) => interval.requests);
        const sums = intervals.map((interval) => interval.durationsSeconds.reduce((sum, value) => sum + value, 0));
        return [...buckets, ...cumulative(`${name}_count`, '', counts), ...cumulative(`${name}_sum`, '', sums)];
      },
    };
  });
}

function runningTotals(gains: readonly number[]): number[] {
  let total = 0;
  return gains.map((gain) => {
    total += gain;
    return total;
  });
}
