import type { CohortName } from '../../src/domain/index.js';

/** Kind of page that a request to the shop asked for, told from the calls it made. */
export type RequestClass = 'static' | 'checkout' | 'addcart' | 'home' | 'viewcart' | 'product' | 'other';

/** One request, as the root span of its trace recorded it. */
export interface RecordedRequest {
  /** 32 hex digits */
  readonly traceId: string;
  /** 16 hex digits */
  readonly spanId: string;
  readonly pod: string;
  /** since the first request of its cohort: counted so, both cohorts start together and keep their order */
  readonly startNanos: number;
  readonly durationNanos: number;
  readonly route: RequestClass;
  readonly failed: boolean;
}

/** A recorded fault: what the service did before it (baseline) and from its onset on (canary). */
export interface Incident {
  readonly id: string;
  readonly fault: string;
  /** ordered by start */
  readonly requests: Readonly<Record<CohortName, readonly RecordedRequest[]>>;
}

export const endNanos = (request: RecordedRequest): number => request.startNanos + request.durationNanos;

/** Time from the first request until the last one has ended, rounded up to whole windows, in milliseconds. */
export function incidentLengthMs({ requests }: Incident, windowMs: number): number {
  const last = [...requests.baseline, ...requests.canary].reduce((latest, request) => Math.max(latest, endNanos(request)), 0);
  return (Math.floor(last / 1e6 / windowMs) + 1) * windowMs;
}
