import type { Attributes, RecordingPlan } from '../../src/domain/index.js';
import { WindowRecorder } from '../../src/ingest/index.js';

export const fuzzPlan: RecordingPlan = {
  windowMs: 15_000,
  latenessMs: 5_000,
  attributes: ['http.route', 'k8s.pod.name', 'kind', 'name', 'service.name', 'service.version', 'severity', 'status'],
  values: ['http.response.body.size'],
  logs: true,
};

/** One that has seen nothing, in little memory. */
export function newRecorder(): WindowRecorder {
  const seen = new Set<bigint>();
  const meet = (request: bigint): boolean => seen.has(request) || !seen.add(request);
  return new WindowRecorder(fuzzPlan, {}, { meet });
}

/** The window of a moment. */
export const windowOf = (ms: number): number => Math.floor(ms / fuzzPlan.windowMs) * fuzzPlan.windowMs;

/** The same text for the same cell of the same window. */
export function cellName(from: number, signal: string, instrument: string | null, attributes: Attributes): string {
  const inOrder = Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([from, signal, instrument, inOrder]);
}
