import { describe, expect, it } from '@jest/globals';
import { type SpanSample, tracesOf } from '../../test/support/otlp-samples.js';
import {
  type Cell,
  type ClosedWindow,
  type Measurement,
  type Metric,
  planRecording,
  type Template,
  type Verdict,
} from '../domain/index.js';
import { WindowRecorder } from '../ingest/index.js';
import { parseTemplate, resolveArguments } from '../templates/index.js';
import { PushedMeter } from './measure.js';
import { replayRun } from './replay-run.js';
import { newRun } from './start-run.js';

const start = Date.UTC(2026, 10, 2);
const [windowMs, windows] = [15_000, 40];

function templateOf(of: string, events = 'status: error', source = 'traces'): Template {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  schedule: { warmup: 0s, minDuration: 5m, minSamples: 30, deadline: 20m }
  metrics:
    - { name: errors, role: critical, source: ${source}, proportion: { of: { ${of} }, events: { ${events} } }, margin: { absolute: 0.05 } }
`);
  if (!template) throw new Error(issues.map(({ message }) => message).join('; '));
  return resolveArguments(template, {});
}

interface Canary {
  /** of 40 requests to /pay */
  readonly failing: number;
  /** routes that are asked for besides, once each */
  readonly flood: number;
}

/** A baseline and a canary that serve /pay; where there is a flood, the canary's failing requests come after it and find no room. */
function windowsOf(template: Template, { failing, flood }: Canary): ClosedWindow[] {
  const recorder = new WindowRecorder(planRecording([template]), { maxCohortSeries: 20 });
  for (let window = 0; window < windows; window += 1) {
    const endMs = start + window * windowMs + 1_000;
    const pay = (count: number, status: number): SpanSample[] =>
      Array.from({ length: count }, () => ({ endMs, status, attributes: { 'http.route': '/pay' } }));
    const scanned = Array.from({ length: flood }, (_, index) => ({ endMs, attributes: { 'http.route': `/wp-admin/${index}` } }));
    const of = (version: string): Record<string, string> => ({ 'service.name': 'shop', 'service.version': version });
    recorder.recordDocument(tracesOf(of('old'), pay(40, 0)));
    recorder.recordDocument(tracesOf(of('new'), [...pay(40 - failing, 0), ...scanned, ...pay(failing, 2)]));
  }
  return recorder.closeAll();
}

function verdictsOn(template: Template, canary: Canary): Verdict[] {
  const request = { template: 'shop', arguments: {}, baseline: 'old', canary: 'new', weight: null, labels: {}, idempotencyKey: null };
  const run = newRun(template, { ...request, from: new Date(start), to: new Date(start + windows * windowMs) }, new Date());
  return [...replayRun(run, windowsOf(template, canary))].map(({ verdict }) => verdict);
}

describe('a metric of one route, when the canary is asked for more routes than there is room for', () => {
  const template = templateOf('service.name: shop, kind: server, http.route: /pay');

  it('promotes and rolls back as ever without a flood', () => {
    expect(verdictsOn(template, { failing: 0, flood: 5 }).at(-1)?.decision).toBe('promote');
    expect(verdictsOn(template, { failing: 10, flood: 5 }).at(-1)?.decision).toBe('rollback');
  });

  it('never promotes a failing route whose errors went into the overflow, and says what to raise', () => {
    const verdicts = verdictsOn(template, { failing: 10, flood: 60 });
    expect(new Set(verdicts.map(({ decision }) => decision))).toEqual(new Set(['hold']));
    expect(verdicts.at(-1)?.reason).toContain('http.route has 20 values and more');
    expect(verdicts.at(-1)?.reason).toContain('raise ASSAY_OTLP_MAX_COHORT_SERIES');
  });

  it('can be read as long as there is room for every route', () => {
    const verdict = verdictsOn(template, { failing: 0, flood: 19 }).at(-1);
    expect([verdict?.decision, verdict?.evidence[0]?.warnings]).toEqual(['promote', []]);
  });
});

describe('a metric of the whole service under the same flood', () => {
  const template = templateOf('service.name: shop, kind: server');

  it('rolls back and promotes as ever: an overflow series keeps kind and status, and routes that were lost are no other mix', () => {
    expect(verdictsOn(template, { failing: 30, flood: 60 }).at(-1)?.decision).toBe('rollback');
    const healthy = verdictsOn(template, { failing: 0, flood: 60 }).at(-1);
    expect(healthy?.decision).toBe('promote');
    expect(healthy?.guards?.some(({ alarm }) => alarm)).not.toBe(true);
    expect(healthy?.evidence[0]?.warnings.join()).toMatch(
      /^41 observations fell into the overflow series: http.route has 20 values and more; send fewer/,
    );
  });

  it('is not read where what makes an event was lost', () => {
    const narrowed = templateOf('service.name: shop, kind: server', 'http.route: /wp-login');
    expect(verdictsOn(narrowed, { failing: 0, flood: 60 }).at(-1)?.decision).toBe('hold');
  });
});

describe('a counter with more streams than can be followed', () => {
  const template = templateOf('metric: requests, service.name: shop', 'metric: failures, service.name: shop', 'metrics').metrics;
  const version = (value: string) => [{ attribute: 'service.version', operator: '=', value } as const];
  const readOf = (service: string): Measurement => {
    const [metric] = template as [Metric];
    const cells = ['old', 'new'].map(
      (of): Cell => ({
        signal: 'sum',
        instrument: 'requests',
        attributes: { 'service.name': 'shop', 'service.version': of },
        count: 100,
        sum: 100,
        sumOfSquares: 0,
        last: 0,
        histogram: null,
      }),
    );
    const slice = { from: 0, to: windowMs };
    const windows = [
      { service: 'shop', ...slice, cells, flags: { late: 0, overflow: 0 } },
      { service, ...slice, cells: [], flags: { late: 0, overflow: 0, unfollowed: 3 } },
    ];
    return new PushedMeter(metric, { cohorts: { baseline: version('old'), canary: version('new') }, pod: null }).measure(windows, 15);
  };

  it('is not read: the first failures of a canary are new streams', () => {
    const { baseline, canary } = readOf('shop');
    expect([baseline, canary]).toEqual([
      canary,
      { kind: 'gap', cause: 'unavailable', detail: expect.stringMatching(/^3 points .* ASSAY_OTLP_MAX_SERIES$/) },
    ]);
  });

  it('is read where they are of another service', () =>
    expect(readOf('cart').canary).toMatchObject({ kind: 'counts', total: 100, events: 0 }));
});

describe('one window with an overflow cell', () => {
  const span = (attributes: Record<string, string>, count: number): Cell => ({
    signal: 'span',
    instrument: null,
    attributes: { 'service.name': 'shop', kind: 'server', status: 'unset', ...attributes },
    count,
    sum: 0,
    sumOfSquares: 0,
    last: 0,
    histogram: null,
  });
  const pay = (version: string, count = 1_000): Cell => span({ 'service.version': version, 'http.route': '/pay' }, count);
  const version = (value: string) => [{ attribute: 'service.version', operator: '=', value } as const];
  const [metric] = templateOf('service.name: shop, kind: server, http.route: /pay').metrics as [Metric];
  const kindsOf = (overflow: Cell): string[] => {
    const meter = new PushedMeter(metric, { cohorts: { baseline: version('old'), canary: version('new') }, pod: null });
    const window = {
      service: 'shop',
      from: 0,
      to: windowMs,
      cells: [pay('old'), pay('new'), overflow],
      flags: { late: 0, overflow: overflow.count },
    };
    const { baseline, canary } = meter.measure([window], 15);
    return [baseline.kind, canary.kind];
  };
  const mark = { 'otel.metric.overflow': 'true' };

  it('is unknown to the cohort that it may be of, above one part in a hundred', () => {
    expect(kindsOf(span({ 'service.version': 'new', ...mark }, 10))).toEqual(['counts', 'counts']);
    expect(kindsOf(span({ 'service.version': 'new', ...mark }, 11))).toEqual(['counts', 'gap']);
  });

  it('is unknown to both where it does not say of which release it is, as those that were stored before do not', () => {
    const { attributes, ...cell } = span(mark, 50);
    expect(kindsOf({ ...cell, attributes: { 'service.name': attributes['service.name'] ?? '', ...mark } })).toEqual(['gap', 'gap']);
  });

  it('does not matter where what it kept says that it is something else', () => {
    expect(kindsOf(span({ 'service.version': 'new', kind: 'client', ...mark }, 5_000))).toEqual(['counts', 'counts']);
    expect(kindsOf(span({ 'service.version': 'older', ...mark }, 5_000))).toEqual(['counts', 'counts']);
  });
});
