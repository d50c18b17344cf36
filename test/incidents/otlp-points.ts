import type { Incident } from './incident.js';
import { attribute, type Metric, type MetricsRequest, resourceOf, unixNano } from './otlp-request.js';
import { bucketCounts, fineBounds, type Tally, tallies } from './tally.js';

export interface PointExport {
  /** when the first requests of both cohorts start, milliseconds since the epoch */
  readonly startAt: number;
  readonly service: string;
  /** time between exports */
  readonly everyMs: number;
  readonly temporality: 'delta' | 'cumulative';
}

const temporalityCode = { delta: 1, cumulative: 2 } as const;
const exponentialScale = 3;

/**
 * The incident as metrics the service would export, one request an interval and pod: sums `http.server.request.count` and
 * `http.server.error.count`, histograms `http.server.request.duration` (explicit buckets) and `…duration.exponential`.
 */
export function otlpPoints(incident: Incident, options: PointExport): MetricsRequest[] {
  const pods = Object.values(Object.groupBy(tallies(incident, options.everyMs), ({ cohort, pod }) => `${cohort} ${pod}`));
  const exports = pods.flatMap((intervals = []) => (options.temporality === 'delta' ? intervals.map((one) => [one]) : soFar(intervals)));
  return exports
    .sort((a, b) => (a.at(-1)?.sequence ?? 0) - (b.at(-1)?.sequence ?? 0))
    .flatMap((covered) => {
      const newest = covered.at(-1);
      if (!newest) return [];
      const resource = resourceOf(options.service, newest.cohort, newest.pod);
      return [{ resourceMetrics: [{ resource, scopeMetrics: [{ metrics: metricsOf(covered, options) }] }] }];
    });
}

/** What each export of a cumulative stream counts, the first one nothing: without it a receiver could not tell what the second adds. */
function soFar(intervals: readonly Tally[]): Tally[][] {
  const [first] = intervals;
  if (!first) return [];
  const sinceStart = [{ ...first, sequence: 0, requests: 0, errors: 0, durationsSeconds: [] }, ...intervals];
  return sinceStart.map((_, index) => sinceStart.slice(0, index + 1));
}

/** @param covered  the intervals that the points count, contiguous */
function metricsOf(covered: readonly Tally[], { startAt, everyMs, temporality }: PointExport): Metric[] {
  const aggregationTemporality = temporalityCode[temporality];
  const durations = covered.flatMap(({ durationsSeconds }) => durationsSeconds);
  const point = {
    attributes: [attribute('http.request.method', 'GET')],
    startTimeUnixNano: unixNano(startAt, ((covered[0]?.sequence ?? 1) - 1) * everyMs * 1e6),
    timeUnixNano: unixNano(startAt, (covered.at(-1)?.sequence ?? 1) * everyMs * 1e6),
  };
  const sum = (name: string, what: 'requests' | 'errors'): Metric => ({
    name,
    unit: '1',
    sum: {
      dataPoints: [{ ...point, asInt: String(covered.reduce((total, interval) => total + interval[what], 0)) }],
      aggregationTemporality,
      isMonotonic: true,
    },
  });
  const summary = { ...point, count: String(durations.length), sum: durations.reduce((total, value) => total + value, 0) };
  const explicit = { ...summary, bucketCounts: bucketCounts(durations, fineBounds).map(String), explicitBounds: fineBounds };
  const exponential = { ...summary, scale: exponentialScale, ...exponentialBuckets(durations) };
  return [
    sum('http.server.request.count', 'requests'),
    sum('http.server.error.count', 'errors'),
    { name: 'http.server.request.duration', unit: 's', histogram: { dataPoints: [explicit], aggregationTemporality } },
    {
      name: 'http.server.request.duration.exponential',
      unit: 's',
      exponentialHistogram: { dataPoints: [exponential], aggregationTemporality },
    },
  ];
}

/** Bucket i holds values in (β^i, β^(i+1)], β = 2^(1/8). */
function exponentialBuckets(values: readonly number[]) {
  const indexes = values.filter((value) => value > 0).map((value) => Math.ceil(Math.log2(value) * 2 ** exponentialScale) - 1);
  const offset = indexes.length > 0 ? Math.min(...indexes) : 0;
  const counts = new Array<number>(indexes.length > 0 ? Math.max(...indexes) - offset + 1 : 0).fill(0);
  for (const index of indexes) counts[index - offset] = (counts[index - offset] ?? 0) + 1;
  return { zeroCount: String(values.length - indexes.length), positive: { offset, bucketCounts: counts.map(String) } };
}
