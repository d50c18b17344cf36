import type { EventMetric, EventPayload, EventType, Evidence, OutboxEvent, Run, Verdict } from '../domain/index.js';

/** Something that happened to a run and that people may want to hear about. */
export interface Happening {
  readonly type: EventType;
  /** as it stands after it happened */
  readonly run: Run;
  /** what stood before; null: nothing */
  readonly previous: Verdict | null;
  readonly at: Date;
}

/** Receivers may refuse more (Standard Webhooks recommends at most 20 KB). */
export const maxBodyBytes = 20_000;

/** The event with its final bytes. The same happening gives the same id, so that it cannot be told as two. */
export function outboxEvent(happening: Happening, publicUrl: string): OutboxEvent {
  const { type, run, at } = happening;
  const id = `evt_${run.id.slice('run_'.length)}_${run.looks}`;
  return { id, type, runId: run.id, at, body: fittingBody(payloadOf(happening, publicUrl)) };
}

/** Where people find this run. */
export const runUrl = (publicUrl: string, runId: string): string => `${publicUrl.replace(/\/+$/, '')}/v1/runs/${runId}`;

function payloadOf({ type, run, previous, at }: Happening, publicUrl: string): EventPayload {
  const { verdict, template } = run;
  return {
    type,
    timestamp: at.toISOString(),
    data: {
      run: run.id,
      template: `${template.name}@${template.hash}`,
      service: run.arguments['service'] ?? null,
      decision: verdict?.decision ?? null,
      final: verdict?.final ?? false,
      code: verdict?.code ?? null,
      reason: cut(verdict?.reason ?? 'the run started; nothing was judged yet', 2000),
      score: verdict?.score ?? null,
      previousDecision: previous?.decision ?? null,
      looks: run.looks,
      startedAt: run.createdAt.toISOString(),
      elapsedSeconds: run.looks * template.schedule.windowSeconds,
      weight: run.phaseChanges.at(-1)?.weight ?? null,
      baseline: cut(run.names.baseline, 500),
      canary: cut(run.names.canary, 500),
      labels: run.labels,
      url: runUrl(publicUrl, run.id),
      metrics: (verdict?.evidence ?? []).map(metricOf),
      metricsOmitted: 0,
    },
  };
}

function metricOf(evidence: Evidence): EventMetric {
  const { name, role, assessment, unit, effectKind, effect, margin, baseline, canary, logHarm, logSafe, warnings } = evidence;
  return {
    name,
    role,
    assessment,
    unit,
    effectKind,
    harm: { low: finite(effect.low), high: finite(effect.high), estimate: finite(effect.estimate) },
    margin: finite(margin),
    baseline: { count: baseline.count, value: finite(baseline.value) },
    canary: { count: canary.count, value: finite(canary.value) },
    evidence: { harm: eValue(logHarm), safe: eValue(logSafe) },
    warnings: warnings.slice(0, 5).map((warning) => cut(warning, 300)),
  };
}

/** Leaves out metrics, the last ones that are not harmful first, then the labels, until the body is small enough. */
function fittingBody(payload: EventPayload): string {
  let metrics = [...payload.data.metrics];
  let body = JSON.stringify(payload);
  while (metrics.length > 0 && Buffer.byteLength(body) > maxBodyBytes) {
    const dispensable = metrics.findLastIndex(({ assessment }) => assessment !== 'harmful');
    metrics = metrics.toSpliced(dispensable === -1 ? metrics.length - 1 : dispensable, 1);
    const metricsOmitted = payload.data.metrics.length - metrics.length;
    body = JSON.stringify({ ...payload, data: { ...payload.data, metrics, metricsOmitted } });
  }
  if (Buffer.byteLength(body) <= maxBodyBytes) return body;
  const labels = { omitted: `${Object.keys(payload.data.labels).length} labels are too long to be sent` };
  return JSON.stringify({ ...payload, data: { ...payload.data, labels, metrics, metricsOmitted: payload.data.metrics.length } });
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** e-values multiply and would overflow; beyond e^700 nobody reads on. */
const eValue = (logarithm: number): number => Number(Math.exp(Math.min(logarithm, 700)).toPrecision(6));

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
