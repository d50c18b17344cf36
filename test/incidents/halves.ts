import type { Incident, RecordedRequest } from './incident.js';

/**
 * What a service did while it was healthy, split at random into two cohorts that are alike. Every rollback of such a pair is a false one.
 *
 * @param random  uniform in [0, 1)
 */
export function healthyHalves({ id, requests }: Incident, random: () => number): Incident {
  const traces = new Map(requests.baseline.map(({ traceId }) => [traceId, random() < 0.5]));
  const half = (canary: boolean): RecordedRequest[] => requests.baseline.filter(({ traceId }) => traces.get(traceId) === canary);
  return { id, fault: 'none', requests: { baseline: half(false), canary: half(true) } };
}
