import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { judge } from '../../src/analysis/judge.js';
import { newRun } from '../../src/analysis/start-run.js';
import { WindowReader } from '../../src/analysis/window-reader.js';
import type { MeasuredWindow, Run } from '../../src/domain/index.js';
import { PrometheusSource } from '../../src/sources/index.js';
import type { WindowStore } from '../../src/storage/index.js';
import { parseTemplate, resolveArguments } from '../../src/templates/index.js';
import {
  describeWithPrometheus,
  type PastSeries,
  type PrometheusServer,
  settingsFor,
  startPrometheus,
  writeOpenMetrics,
} from '../support/prometheus.js';

const day = 86_400_000;
const windowMs = 60_000;
const windows = 30;
const start = Date.UTC(2024, 2, 9, 12);
const levels = [1, 1.02, 0.98, 1.01, 0.99]; // today, yesterday, …

/** Each day one version, seen from just before the half hour to its end. */
function daily(name: string, code: string, perWindow: (daysAgo: number) => number): PastSeries[] {
  return levels.map((_, daysAgo) => ({
    name,
    labels: { service: 'shop', version: daysAgo === 0 ? 'green' : `v${daysAgo}`, code },
    samples: Array.from(
      { length: windows + 2 },
      (_, edge) => [start - daysAgo * day + (edge - 1) * windowMs - 1000, edge * perWindow(daysAgo)] as const,
    ),
  }));
}

const template = resolveArguments(
  parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  cohorts: { by: version, baseline: { before: 1d, references: 4, promote: true } }
  schedule: { window: 60s, warmup: 0s, minDuration: 5m }
  metrics:
    - { name: errors, role: critical, source: prometheus, margin: { relative: 0.5, absolute: 0.002 },
        proportion: { events: 'requests_total{code="500"}', of: 'requests_total{service="shop"}' } }
    - { name: harmful, role: informational, source: prometheus, margin: { relative: 0.5, absolute: 0.002 },
        proportion: { events: 'requests_total{code="503"}', of: 'requests_total{service="shop"}' } }
`).template ??
    (() => {
      throw new Error('the template has a mistake');
    })(),
  {},
);

describeWithPrometheus('earlier days as a baseline, from a real Prometheus', () => {
  let server: PrometheusServer;
  let measured: MeasuredWindow[];
  let run: Run;
  beforeAll(async () => {
    const past = writeOpenMetrics([
      ...daily('requests_total', '200', () => 5000),
      ...daily('requests_total', '500', (daysAgo) => Math.round(25 * (levels[daysAgo] ?? 1))),
      ...daily('requests_total', '503', (daysAgo) => (daysAgo === 0 ? 200 : 10 + daysAgo)),
    ]);
    server = await startPrometheus({ openMetrics: past });
    const request = { template: 'shop', arguments: {}, baseline: null, canary: 'green', weight: null, labels: {}, idempotencyKey: null };
    const to = new Date(start + windows * windowMs);
    run = newRun(template, { ...request, from: new Date(start), to }, to);
    const slices = Array.from({ length: windows }, (_, i) => ({ from: start + i * windowMs, to: start + (i + 1) * windowMs }));
    const reader = new WindowReader({} as WindowStore, new PrometheusSource(settingsFor(server.url)));
    measured = await reader.read(run, slices, new AbortController().signal);
  }, 60_000);
  afterAll(() => server?.stop());

  it('counts the canary now, and whoever served in each of the four days', () => {
    const errors = measured[10]?.measurements[0];
    expect(errors?.canary).toMatchObject({ kind: 'counts', total: 5225, events: 25 });
    expect(errors?.references).toMatchObject([26, 25, 25, 25].map((events) => ({ kind: 'counts', events })));
    expect(errors?.baseline).toMatchObject({ kind: 'counts', events: 101 });
    expect(errors?.warnings).toEqual([]);
  });

  it('says the same window by window, as a live run asks', async () => {
    const reader = new WindowReader({} as WindowStore, new PrometheusSource(settingsFor(server.url)));
    const live: MeasuredWindow[] = [];
    for (const { from, to } of measured.slice(0, 6)) live.push(...(await reader.read(run, [{ from, to }], new AbortController().signal)));
    expect(live).toEqual(measured.slice(0, 6));
  });

  it('leads to the verdicts that the telemetry deserves', () => {
    const verdict = judge(run, measured, { lastWindow: true });
    expect(verdict).toMatchObject({ decision: 'promote', code: 'all-safe' });
    expect(verdict.evidence.map(({ assessment }) => assessment)).toEqual(['safe', 'harmful']);
    expect(verdict.reason).toContain('compared with history');
  });
});
