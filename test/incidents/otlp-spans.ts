import { type CohortName, cohortNames } from '../../src/domain/index.js';
import { endNanos, type Incident, type RecordedRequest } from './incident.js';
import { attribute, resourceOf, type Span, type TraceRequest, unixNano } from './otlp-request.js';

export interface SpanExport {
  /** when the first requests of both cohorts start, milliseconds since the epoch */
  readonly startAt: number;
  readonly service: string;
  /** spans in one export */
  readonly batch?: number;
}

const server = 2;
const error = 2;

/** The incident as a Collector would pass it on: spans in the order they ended, both cohorts mixed, in batches. */
export function otlpSpans({ requests }: Incident, { startAt, service, batch = 128 }: SpanExport): TraceRequest[] {
  const ended = cohortNames
    .flatMap((cohort) => requests[cohort].map((request) => ({ cohort, request })))
    .sort((a, b) => endNanos(a.request) - endNanos(b.request));
  const batches = Array.from({ length: Math.ceil(ended.length / batch) }, (_, index) => ended.slice(index * batch, (index + 1) * batch));
  return batches.map((part) => ({
    resourceSpans: Object.values(Object.groupBy(part, ({ cohort, request }) => `${cohort} ${request.pod}`)).flatMap((group = []) =>
      resourceSpans(group, service, startAt),
    ),
  }));
}

/** @param group  requests of one cohort and pod */
function resourceSpans(
  group: readonly { cohort: CohortName; request: RecordedRequest }[],
  service: string,
  startAt: number,
): TraceRequest['resourceSpans'] {
  const [first] = group;
  if (!first) return [];
  const spans = group.map(({ request }) => spanOf(request, startAt));
  return [{ resource: resourceOf(service, first.cohort, first.request.pod), scopeSpans: [{ spans }] }];
}

function spanOf(request: RecordedRequest, startAt: number): Span {
  return {
    traceId: request.traceId,
    spanId: request.spanId,
    name: request.route,
    kind: server,
    startTimeUnixNano: unixNano(startAt, request.startNanos),
    endTimeUnixNano: unixNano(startAt, endNanos(request)),
    attributes: [attribute('http.route', request.route)],
    status: request.failed ? { code: error } : {},
  };
}
