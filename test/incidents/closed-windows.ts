import { type Cell, type ClosedWindow, type CohortName, cohortNames } from '../../src/domain/index.js';
import type { ExponentialHistogram } from '../../src/statistics/index.js';
import { endNanos, type Incident, incidentLengthMs, type RecordedRequest } from './incident.js';

export interface Recording {
  /** when the first requests of both cohorts start, milliseconds since the epoch; a multiple of the window */
  readonly startAt: number;
  readonly service: string;
  readonly windowMs: number;
}

/** A bucket is 2 % wide: a tenth of the narrowest margin of the templates. */
const scale = 5;

/**
 * The windows that ingest keeps of an incident, made without it: requests counted in the window in which they ended. Tells apart whether
 * a wrong verdict comes from the way in or from the decision, and is fast enough for thousands of runs.
 */
export function closedWindows(incident: Incident, { startAt, service, windowMs }: Recording): ClosedWindow[] {
  const ended = cohortNames.flatMap((cohort) => incident.requests[cohort].map((request) => ({ cohort, request })));
  const byWindow = Map.groupBy(ended, ({ request }) => Math.floor(endNanos(request) / 1e6 / windowMs));
  return Array.from({ length: incidentLengthMs(incident, windowMs) / windowMs }, (_, index) => {
    const from = startAt + index * windowMs;
    const cells = cellsOf(byWindow.get(index) ?? [], service);
    return { service, from, to: from + windowMs, cells, flags: { late: 0, overflow: 0 } };
  });
}

function cellsOf(ended: readonly { cohort: CohortName; request: RecordedRequest }[], service: string): Cell[] {
  const alike = Map.groupBy(ended, ({ cohort, request }) => `${cohort} ${request.pod} ${request.route} ${request.failed}`);
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { cohort, request } = first;
    const attributes = {
      'service.name': service,
      'service.version': cohort,
      'k8s.pod.name': request.pod,
      'http.route': request.route,
      kind: 'server',
      status: request.failed ? 'error' : 'unset',
    };
    const seconds = group.map((member) => member.request.durationNanos / 1e9);
    const sum = seconds.reduce((total, value) => total + value, 0);
    const sumOfSquares = seconds.reduce((total, value) => total + value * value, 0);
    const last = seconds.at(-1) ?? 0;
    return [
      { signal: 'span', instrument: null, attributes, count: group.length, sum, sumOfSquares, last, histogram: histogramOf(seconds) },
    ];
  });
}

function histogramOf(seconds: readonly number[]): ExponentialHistogram {
  const indexes = seconds.map((value) => Math.ceil(Math.log2(value) * 2 ** scale) - 1);
  const offset = Math.min(...indexes);
  const counts = new Array<number>(Math.max(...indexes) - offset + 1).fill(0);
  for (const index of indexes) counts[index - offset] = (counts[index - offset] ?? 0) + 1;
  return { kind: 'exponential', scale, zeroCount: 0, offset, counts };
}
