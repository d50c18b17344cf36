import {
  type EventMetric,
  type EventPayload,
  type EventType,
  type Evidence,
  metricOnWire,
  type OutboxEvent,
  type Run,
  type Undelivered,
  type Verdict,
} from '../domain/index.js';
import { timeSortableId } from './ids.js';

/** Something that happened to a run and that people may want to hear about. */
export interface Happening {
  readonly type: EventType;
  /** as it stands after it happened */
  readonly run: Run;
  /** what stood before; null: nothing */
  readonly previous: Verdict | null;
  /** a sentence for each piece of the run's evidence, in its order */
  readonly summaries: readonly string[];
  readonly at: Date;
}

/** That a run was created; nothing is judged yet. */
export const runStarted = (run: Run, at: Date): Happening => ({ type: 'run.started', run, previous: null, summaries: [], at });

/** Receivers may refuse more (Standard Webhooks recommends at most 20 KB). */
export const maxBodyBytes = 20_000;

/** The event with its final bytes. The same happening gives the same id, so that it cannot be told as two. */
export function outboxEvent(happening: Happening, publicUrl: string): OutboxEvent {
  const { type, run, at } = happening;
  const id = `evt_${run.id.slice('run_'.length)}_${run.looks}`;
  return { id, type, runId: run.id, at, body: fittingBody(payloadOf(happening, publicUrl)) };
}

/** Where people find this run. */
const runUrl = (publicUrl: string, runId: string): string => `${publicUrl.replace(/\/+$/, '')}/v1/runs/${runId}`;

function payloadOf({ type, run, previous, summaries, at }: Happening, publicUrl: string): EventPayload {
  const { verdict, template } = run;
  return {
    type,
    timestamp: at.toISOString(),
    data: {
      run: run.id,
      template: `${template.name}@${template.hash}`,
      service: cut(run.arguments['service'], 200),
      decision: verdict?.decision ?? null,
      final: verdict?.final ?? false,
      code: verdict?.code ?? null,
      reason: cut(verdict?.reason, 2000) ?? 'the run started; nothing was judged yet',
      score: verdict?.score ?? null,
      previousDecision: previous?.decision ?? null,
      looks: run.looks,
      startedAt: run.createdAt.toISOString(),
      elapsedSeconds: verdict?.elapsedSeconds ?? 0,
      weight: run.phaseChanges.at(-1)?.weight ?? null,
      baseline: cut(run.names.baseline, 200),
      canary: cut(run.names.canary, 200),
      labels: run.labels,
      url: runUrl(publicUrl, run.id),
      metrics: (verdict?.evidence ?? []).map((evidence, index) => metricOf(evidence, summaries[index] ?? evidence.name)),
      metricsOmitted: 0,
      undelivered: null,
    },
  };
}

/** That an event could not be delivered, told to others: what it said, and why they hear of it. The same trouble gives the same id. */
export function alarmEvent(original: OutboxEvent, type: EventType, undelivered: Undelivered, at: Date): OutboxEvent {
  const { data } = JSON.parse(original.body) as EventPayload;
  const { channel, endpoint, since, error } = undelivered;
  const trouble =
    type === 'endpoint.disabled'
      ? `${channel} endpoint ${endpoint} is disabled and hears nothing more: ${error}`
      : `${channel} endpoint ${endpoint} was not told since ${since}: ${error}`;
  const reason = cut(`${cut(trouble, 600)}. What it should hear: ${data.reason}`, 2000);
  const body = fittingBody({
    type,
    timestamp: at.toISOString(),
    data: { ...data, reason, undelivered: { ...undelivered, error: cut(error, 300) } },
  });
  return { id: `${original.id}_${type.replace('.', '_')}_${endpoint}`, type, runId: original.runId, at, body };
}

/** A harmless event, for trying an endpoint: it is about no run and decides nothing. */
export function testEvent(at: Date, publicUrl: string): OutboxEvent {
  const id = timeSortableId('evt', at);
  const data: EventPayload['data'] = {
    run: 'run_test',
    template: 'test',
    service: null,
    decision: null,
    final: false,
    code: null,
    reason: 'this is a test of the endpoint: nothing happened, and there is nothing to do',
    score: null,
    previousDecision: null,
    looks: 0,
    startedAt: at.toISOString(),
    elapsedSeconds: 0,
    weight: null,
    baseline: 'test',
    canary: 'test',
    labels: {},
    url: publicUrl,
    metrics: [],
    metricsOmitted: 0,
    undelivered: null,
  };
  return {
    id,
    type: 'endpoint.test',
    runId: 'run_test',
    at,
    body: JSON.stringify({ type: 'endpoint.test', timestamp: at.toISOString(), data }),
  };
}

function metricOf(evidence: Evidence, summary: string): EventMetric {
  const metric = metricOnWire(evidence);
  return { ...metric, summary: cut(summary, 500), warnings: metric.warnings.slice(0, 5).map((warning) => cut(warning, 300)) };
}

/** Leaves out long labels, then metrics (the last ones that are not harmful first), until the body is small enough. */
function fittingBody(payload: EventPayload): string {
  const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
  if (bytes(payload) <= maxBodyBytes) return JSON.stringify(payload);
  const { labels, metrics } = payload.data;
  const tooLong = { omitted: `${Object.keys(labels).length} labels are too long to be sent` };
  const data = { ...payload.data, labels: bytes(labels) <= 4_000 ? labels : tooLong };
  let kept = [...metrics];
  const body = (): EventPayload => ({ ...payload, data: { ...data, metrics: kept, metricsOmitted: metrics.length - kept.length } });
  while (kept.length > 0 && bytes(body()) > maxBodyBytes) {
    const dispensable = kept.findLastIndex(({ assessment }) => assessment !== 'harmful');
    kept = kept.toSpliced(dispensable === -1 ? kept.length - 1 : dispensable, 1);
  }
  return JSON.stringify(body());
}

function cut(text: string, length: number): string;
function cut(text: string | undefined, length: number): string | null;
function cut(text: string | undefined, length: number): string | null {
  if (text === undefined) return null;
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
