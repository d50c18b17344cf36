import { describe, expect, it } from '@jest/globals';
import { closedWindows } from '../../test/support/pushed-traffic.js';
import type { ClosedWindow, Evidence, Exemplar } from '../domain/index.js';
import { parseTemplate, resolveArguments } from '../templates/index.js';
import { replayRun } from './replay-run.js';
import { newRun } from './start-run.js';

const start = Date.UTC(2026, 10, 2);
const server = '{ kind: server }';
const errors = `proportion: { events: { kind: server, status: error }, of: ${server} }, margin: { absolute: 0.005 }`;
const slowness = `percentiles: { of: ${server}, value: duration, at: [0.5] }, margin: { relative: 0.1 }`;

const exemplar = (window: number, side: number, kind: Exemplar['kind'], seconds: number): Exemplar => ({
  traceId: `${kind === 'failed' ? 'f' : 'a'}${side}${String(window).padStart(2, '0')}`.padEnd(32, '0'),
  kind,
  seconds,
  at: start + window * 15_000 + 14_000,
});

/** Every cell names its slowest span, and a failed one where its spans failed; the canary's spans end in 1 … , the baseline's in 0 …. */
function withExemplars(windows: readonly ClosedWindow[]): ClosedWindow[] {
  return windows.map((window, index) => ({
    ...window,
    cells: window.cells.map((cell) => {
      const side = cell.attributes['service.version'] === 'new' ? 1 : 0;
      const slowest = exemplar(index, side, 'slowest', 1 + ((index * 7) % 10));
      const failed = cell.attributes['status'] === 'error' ? [exemplar(index, side, 'failed', 0.2)] : [];
      return { ...cell, exemplars: [slowest, ...failed] };
    }),
  }));
}

function evidenceOn(metric: string, canary: { errors?: number; median?: number }, harm = 'increase'): Evidence | undefined {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  schedule: { warmup: 0s, minDuration: 1m, minSamples: 30, deadline: 20m }
  metrics: [{ name: m, role: critical, source: traces, harm: ${harm}, ${metric} }]
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  const { errors: failures = 4, median = 0.1 } = canary;
  const windows = closedWindows(start, 15, 80, () => ({
    old: { requests: 400, errors: 4 },
    new: { requests: 400, errors: failures, median },
  }));
  const request = { template: 'shop', arguments: {}, baseline: 'old', canary: 'new', weight: null, labels: {}, idempotencyKey: null };
  const run = newRun(resolveArguments(template, {}), { ...request, from: new Date(start), to: new Date(start + 1_200_000) }, new Date());
  return [...replayRun(run, withExemplars(windows))].at(-1)?.verdict.evidence[0];
}

describe('a rollback on traces names traces to open', () => {
  it('of errors the newest that failed, all of the canary', () => {
    const found = evidenceOn(errors, { errors: 80 });
    expect(found?.assessment).toBe('harmful');
    expect(found?.exemplars?.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed']);
    expect(found?.exemplars?.every(({ traceId }) => traceId.startsWith('f1'))).toBe(true);
    const ends = found?.exemplars?.map(({ at }) => at) ?? [];
    expect(ends).toEqual(ends.toSorted((a, b) => b - a));
    expect(ends[0]).toBeGreaterThan(ends[2] as number);
  });

  it('of latency the slowest', () => {
    const found = evidenceOn(slowness, { median: 0.4 });
    expect(found?.assessment).toBe('harmful');
    const seconds = found?.exemplars?.map((one) => one.seconds) ?? [];
    expect(found?.exemplars?.every(({ kind, traceId }) => kind === 'slowest' && traceId.startsWith('a1'))).toBe(true);
    expect(new Set(found?.exemplars?.map(({ traceId }) => traceId)).size).toBe(seconds.length);
    expect(seconds).toEqual(seconds.toSorted((a, b) => b - a));
  });

  it('and none where nothing is proven, or harm is what did not happen', () => {
    expect(evidenceOn(errors, {})?.exemplars).toBeUndefined();
    const fewer = `proportion: { events: { kind: server, status: unset }, of: ${server} }, margin: { absolute: 0.005 }`;
    const found = evidenceOn(fewer, { errors: 80 }, 'decrease');
    expect(found).toMatchObject({ assessment: 'harmful' });
    expect(found?.exemplars).toBeUndefined();
  });
});
