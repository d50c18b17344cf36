import { describe, expect, it } from '@jest/globals';
import { logsOf, tracesOf } from '../../test/support/otlp-samples.js';
import { randomPoisson, seededRandom } from '../../test/support/random.js';
import { type ClosedWindow, planRecording, type Template, type Verdict } from '../domain/index.js';
import { WindowRecorder } from '../ingest/index.js';
import { parseTemplate, resolveArguments } from '../templates/index.js';
import { replayRun } from './replay-run.js';
import { newRun } from './start-run.js';

const start = Date.UTC(2026, 10, 2);
const [windowMs, windows] = [15_000, 40];

function templateWith(metric: string): Template {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  schedule: { warmup: 0s, minDuration: 5m, minSamples: 30, deadline: 20m }
  metrics: [{ name: error-logs, role: critical, source: logs, ${metric} }]
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  return resolveArguments(template, {});
}

/** What two versions of a shop write into their logs, received as OTLP; errors per hundred other lines. */
function windowsOf(template: Template, errors: Readonly<Record<'old' | 'new', number>>): ClosedWindow[] {
  const random = seededRandom(3);
  const recorder = new WindowRecorder(planRecording([template]));
  for (let window = 0; window < windows; window += 1) {
    for (const [version, lines] of [
      ['old', 100],
      ['new', 50],
    ] as const) {
      const resource = { 'service.name': 'shop', 'service.version': version };
      const atMs = start + window * windowMs + 1_000;
      const many = (count: number, severity: number): object[] => Array.from({ length: count }, () => ({ atMs, severity }));
      recorder.recordDocument(
        logsOf(resource, [...many(lines, 9), ...many(randomPoisson((errors[version] * lines) / 100, random), 17)] as never),
      );
      recorder.recordDocument(tracesOf(resource, [{ endMs: atMs }]));
    }
  }
  return recorder.closeAll();
}

/** The last verdict on 20 minutes. */
function verdictOn(metric: string, errors: Readonly<Record<'old' | 'new', number>>): Verdict | undefined {
  const template = templateWith(metric);
  const request = { template: 'shop', arguments: {}, baseline: 'old', canary: 'new', weight: null, labels: {}, idempotencyKey: null };
  const run = newRun(template, { ...request, from: new Date(start), to: new Date(start + windows * windowMs) }, new Date());
  return [...replayRun(run, windowsOf(template, errors))].at(-1)?.verdict;
}

const share = 'proportion: { of: { service.name: shop }, events: { severity: error } }, margin: { relative: 0.5, absolute: 0.01 }';
const perLine =
  'rate: { events: { service.name: shop, severity: error }, per: { service.name: shop, severity: info } }, margin: { relative: 0.5, absolute: 0.01 }';
const perSecond = 'rate: { events: { service.name: shop, severity: error } }, margin: { relative: 0.5, absolute: 0.5 }';

describe('log records, from OTLP to the verdict', () => {
  it.each([
    ['of all lines', share],
    ['per line of ordinary work', perLine],
    ['per second', perSecond],
  ])('roll back a canary that logs five times the errors, %s', (_, metric) => {
    const verdict = verdictOn(metric, { old: 2, new: metric === perSecond ? 40 : 10 });
    expect([verdict?.decision, verdict?.code]).toEqual(['rollback', 'harm-evidence']);
    expect(verdict?.reason).toContain('error-logs');
  });

  it.each([
    ['of all lines', share],
    ['per line of ordinary work', perLine],
  ])('promote a canary that logs as the baseline does, %s', (_, metric) => {
    expect(verdictOn(metric, { old: 2, new: 2 })?.decision).toBe('promote');
  });

  it('count a silent log of a service that has spans as none a second, and not as missing data', () => {
    const silent = 'rate: { events: { service.name: shop, severity: fatal } }, margin: { relative: 0.5, absolute: 0.5 }';
    const [metric] = verdictOn(silent, { old: 2, new: 2 })?.evidence ?? [];
    expect([metric?.baseline.value, metric?.canary.value]).toEqual([0, 0]);
  });

  it('are kept only where a template reads them', () => {
    expect(planRecording([templateWith(share)])).toMatchObject({ logs: true, attributes: expect.arrayContaining(['severity']) });
    expect(planRecording([])).not.toHaveProperty('logs');
  });
});
