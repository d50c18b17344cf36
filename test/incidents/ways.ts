import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Decision } from '../../src/domain/index.js';
import { collect, type IncidentServer, runAssay } from '../support/incident-server.js';
import { type Incident, incidentLengthMs } from './incident.js';
import { otlpPoints } from './otlp-points.js';
import { otlpProtobuf } from './otlp-protobuf.js';
import { type MetricsRequest, otlpJsonLines, type TraceRequest } from './otlp-request.js';
import { otlpSpans } from './otlp-spans.js';

/** What Assay said in the end, as every way gives it. */
export interface FinalVerdict {
  readonly decision: Decision;
  readonly final: boolean;
  readonly code: string;
  readonly reason: string;
}

export const templates = join(import.meta.dirname, 'templates');
/** window of the templates, and time between the points and scrapes of the recordings */
export const windowMs = 5000;

/** Offline: the command reads a file, as the Collector's file exporter would have written it. */
export async function byReplay(incident: Incident, template: string): Promise<FinalVerdict> {
  const directory = mkdtempSync(join(tmpdir(), 'assay-replay-'));
  try {
    const file = join(directory, 'spans.jsonl');
    writeFileSync(file, otlpJsonLines(otlpSpans(incident, { startAt: Date.UTC(2022, 7, 23, 12), service: 'shop' })));
    const child = runAssay([
      'replay',
      '--template',
      join(templates, `${template}.yaml`),
      '--arg',
      'service=shop',
      '--otlp',
      file,
      '--json',
    ]);
    const said = collect(child);
    await once(child, 'close');
    return JSON.parse(said().replace(/^[^{]*/, '')) as FinalVerdict;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Pushes the incident as if it had happened ten minutes ago, then asks for a verdict on that stretch. */
export async function byPush(
  server: IncidentServer,
  incident: Incident,
  { template, as }: { template: string; as: 'json' | 'protobuf' | 'cumulative' | 'delta' },
): Promise<FinalVerdict> {
  const startAt = Math.floor((Date.now() - 600_000) / 60_000) * 60_000;
  const service = `${incident.id.toLowerCase()}-${as}`;
  if (as === 'cumulative' || as === 'delta') {
    for (const request of otlpPoints(incident, { startAt, service, everyMs: windowMs, temporality: as }))
      await push(server, '/v1/metrics', request, 'protobuf');
  } else {
    for (const request of otlpSpans(incident, { startAt, service })) await push(server, '/v1/traces', request, as);
  }
  return askOver(server, { template, arguments: { service } }, stretchOf(incident, startAt));
}

/** Asks for a verdict on a stretch of Prometheus history. */
export function byHistory(server: IncidentServer, incident: Incident, template: string, startAt: number): Promise<FinalVerdict> {
  return askOver(server, { template, arguments: { incident: incident.id.toLowerCase() } }, stretchOf(incident, startAt));
}

/** As an OTLP exporter does: what the server cannot take now is sent again later. */
export async function push(
  { otlpUrl }: IncidentServer,
  path: string,
  request: TraceRequest | MetricsRequest,
  as: 'json' | 'protobuf',
): Promise<void> {
  const body = as === 'json' ? JSON.stringify(request) : Buffer.from(otlpProtobuf(request));
  const type = as === 'json' ? 'application/json' : 'application/x-protobuf';
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(`${otlpUrl}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
    const text = await answer.text();
    if (answer.ok) return;
    if (attempt === 20 || ![429, 503].includes(answer.status)) throw new Error(`${path} answered ${answer.status}: ${text}`);
    await wait(1000 * Number(answer.headers.get('retry-after') ?? 0.2));
  }
}

const stretchOf = (incident: Incident, startAt: number): Stretch => ({ startAt, lengthMs: incidentLengthMs(incident, windowMs) });

export interface Stretch {
  /** milliseconds since the epoch */
  readonly startAt: number;
  readonly lengthMs: number;
}

/** Asks for a verdict on what was recorded, and waits until it is final. */
export async function askOver(
  { apiUrl }: IncidentServer,
  what: { template: string; arguments: Readonly<Record<string, string>> },
  { startAt, lengthMs }: Stretch,
): Promise<FinalVerdict> {
  const stretch = { from: new Date(startAt).toISOString(), to: new Date(startAt + lengthMs).toISOString() };
  const { id } = await json<{ id: string }>(`${apiUrl}/v1/runs`, { ...what, ...stretch, baseline: 'baseline', canary: 'canary' });
  for (;;) {
    const verdict = await json<FinalVerdict>(`${apiUrl}/v1/runs/${id}/verdict?wait=20s`);
    if (verdict.final) return verdict;
  }
}

async function json<T>(url: string, body?: object): Promise<T> {
  const asked = body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {};
  const answer = await fetch(url, asked);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}
