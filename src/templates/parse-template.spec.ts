import { describe, expect, it } from '@jest/globals';
import type { Metric, PercentilesMetric, ProportionMetric, Template } from '../domain/index.js';
import { parseTemplate } from './parse-template.js';

/** The template of DESIGN §5, as it stands there. */
const design = `
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata:
  name: http-service
  title: Errors, latency and checkout conversion of an HTTP service
spec:
  arguments:
    service: { type: string, required: true, pattern: '[a-z0-9-]+' }
  cohorts:
    by: service.version          # the attribute (OTLP) or label (Prometheus) that tells the sides apart
    pod: k8s.pod.name            # the cluster for variance; optional
  schedule: { window: 15s, warmup: 60s, minDuration: 5m, minSamples: 300, deadline: 1h, onDeadline: hold }
  budget:   { falseRollback: 0.01, falsePromote: 0.05 }
  metrics:
    - name: error-rate
      role: critical             # critical | weighted | informational
      source: traces
      proportion: { events: { status: error }, of: { kind: server, service.name: '\${service}' } }
      harm: increase             # increase | decrease | either
      margin: { relative: 0.25, absolute: 0.001 }
    - name: latency
      role: critical
      source: traces
      percentiles: { of: { kind: server, service.name: '\${service}' }, value: duration, at: [0.5, 0.95, 0.99] }
      harm: increase
      margin: { relative: 0.10 }
    - name: checkout-conversion  # a custom KPI from Prometheus
      role: weighted
      source: prometheus
      proportion:
        events: checkout_completed_total{service="\${service}"}
        of:     checkout_started_total{service="\${service}"}
      harm: decrease
      margin: { relative: 0.05 }
    - name: p99-slo              # an absolute limit, baseline or not
      role: weighted
      source: traces
      percentiles: { of: { kind: server, service.name: '\${service}' }, value: duration, at: [0.99] }
      limit: 500ms
`;

/** A template around one or more metrics, given as YAML from the first column. */
const around = (metrics: string, spec = ''): string => `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
${spec}
  metrics:
    - { name: guard, role: critical, source: traces, percentiles: { of: { kind: server }, at: 0.5 }, limit: 1s }
${metrics
  .trim()
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
`;

function good(text: string): Template {
  const { template, issues } = parseTemplate(text);
  expect(issues).toEqual([]);
  if (template === null) throw new Error('there is no template');
  return template;
}

const metricOf = (metric: string, spec?: string): Metric => good(around(metric, spec)).metrics[1] as Metric;
const codesOf = (text: string): string[] => parseTemplate(text).issues.map(({ code }) => code);

describe('a template as the design writes it', () => {
  it('is read without a word of complaint', () => {
    const template = good(design);
    expect(template.metrics.map(({ name, kind, role, unit }) => [name, kind, role, unit])).toEqual([
      ['error-rate', 'proportion', 'critical', 'ratio'],
      ['latency', 'percentiles', 'critical', 's'],
      ['checkout-conversion', 'proportion', 'weighted', 'ratio'],
      ['p99-slo', 'percentiles', 'weighted', 's'],
    ]);
    expect(template.metrics[3]?.limit).toBe(0.5);
    expect(template.schedule).toEqual({
      windowSeconds: 15,
      latenessSeconds: 5,
      warmupSeconds: 60,
      minDurationSeconds: 300,
      minSamples: 300,
      deadlineSeconds: 3600,
      onDeadline: 'hold',
      staleAfterSeconds: 60,
      bakeSeconds: 0,
    });
  });

  it('is named by the bytes of its text', () => {
    expect(good(design).hash).toBe(good(design).hash);
    expect(good(design).hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(good(`${design}# a comment`).hash).not.toBe(good(design).hash);
  });

  it('may begin with a byte order mark', () => expect(parseTemplate(`\ufeff${design.trim()}`).issues).toEqual([]));
});

describe('what is not said', () => {
  it('is the careful choice', () => {
    const metric = metricOf(`- name: errors
  source: traces
  proportion: { events: { status: error }, of: { kind: server } }
  margin: { absolute: 0.01 }`);
    expect(metric).toMatchObject({ role: 'weighted', weight: 1, harm: 'increase', title: null, unit: 'ratio' });
    expect(metric.onNoData).toEqual({ absent: 'hold', stale: 'hold', nan: 'hold', zero: 'hold' });
  });

  it('waits longer for data that must be scraped first', () => {
    const pulled = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  cohorts: { by: version }
  metrics: [{ name: a, role: critical, source: prometheus, rate: { events: 'up' }, limit: 1 }]
`;
    expect(good(pulled).schedule).toMatchObject({ latenessSeconds: 30, windowSeconds: 15 });
  });

  it('takes a long window as a reason to wait longer before data is stale', () => {
    expect(good(around('', '  schedule: { window: 1m }').replace(/\n {4}\n/, '\n')).schedule.staleAfterSeconds).toBe(240);
  });
});

describe('a condition', () => {
  const conditions = (matchers: string): unknown => {
    const metric = metricOf(`- { name: m, role: informational, source: traces, gauge: { of: ${matchers} }, limit: 1 }`);
    return metric.kind === 'gauge' && metric.of.type === 'pushed'
      ? metric.of.matchers.map((m) => `${m.attribute}${m.operator}${m.value}`)
      : [];
  };

  it.each([
    ["{ a: x, b: '!=x', c: '=~x|y', d: '!~x.*' }", ['a=x', 'b!=x', 'c=~x|y', 'd!~x.*']],
    ["{ a: { '!=': x }, b: { '=~': x, '!~': 'xy' }, c: { '=': '=x' } }", ['a!=x', 'b=~x', 'b!~xy', 'c==x']],
    ['{ code: 500, cached: true, version: 1.10 }', ['code=500', 'cached=true', 'version=1.10']],
    ["{ a: '', b: '!=' }", ['a=', 'b!=']],
  ])('%s', (matchers, expected) => expect(conditions(matchers)).toEqual(expected));
});

describe('events of a proportion', () => {
  const proportion = (source: string, events: string, of: string): ProportionMetric =>
    metricOf(
      `- { name: m, source: ${source}, proportion: { events: ${events}, of: ${of} }, margin: { absolute: 0.1 } }`,
    ) as ProportionMetric;
  const matchersOf = ({ events }: ProportionMetric): string[] =>
    events.type === 'pushed' ? events.matchers.map(({ attribute }) => attribute) : [];

  it('are counted among what they are a part of', () => {
    expect(matchersOf(proportion('traces', '{ status: error }', '{ kind: server, service.name: shop }'))).toEqual([
      'kind',
      'service.name',
      'status',
    ]);
    expect(matchersOf(proportion('traces', '{ kind: server, status: error }', '{ kind: server }'))).toEqual(['kind', 'status']);
  });

  it('stand for themselves where they are another instrument', () => {
    const same = proportion('metrics', '{ outcome: failed }', '{ metric: payments, method: card }');
    expect(same.events).toMatchObject({ instrument: 'payments' });
    expect(matchersOf(same)).toEqual(['method', 'outcome']);
    const other = proportion('metrics', '{ metric: payments.failed }', '{ metric: payments, method: card }');
    expect(matchersOf(other)).toEqual([]);
  });
});

describe('a limit', () => {
  const limitOf = (unit: string, limit: string): number | null =>
    metricOf(`- { name: m, source: metrics, percentiles: { of: { metric: took }, at: 0.9 }, ${unit}limit: ${limit} }`).limit;

  it.each([
    ['unit: s, ', '500ms', 0.5],
    ['unit: ms, ', '500ms', 500],
    ['unit: ms, ', '2s', 2000],
    ['unit: us, ', '1.5ms', 1500],
    ['unit: s, ', '0.25', 0.25],
    ['', '12', 12],
  ])('with %s%s is %d', (unit, limit, expected) => expect(limitOf(unit, limit)).toBe(expected));

  it('has the unit that the name of an instrument or a series says', () => {
    const units = ['took_seconds', 'took.seconds', 'took_milliseconds', 'size_bytes', 'took'].map(
      (metric) => metricOf(`- { name: m, source: metrics, percentiles: { of: { metric: ${metric} }, at: [0.9] }, limit: 1 }`).unit,
    );
    expect(units).toEqual(['s', 's', 'ms', 'By', '']);
    const series = metricOf(
      `- { name: m, source: prometheus, percentiles: { of: 'took_seconds_bucket{job="x"}', at: [0.9] }, limit: 100ms }`,
    );
    expect(series).toMatchObject({ unit: 's', limit: 0.1 });
  });
});

describe('percentiles', () => {
  const at = (value: string): readonly number[] =>
    (metricOf(`- { name: m, source: traces, percentiles: { of: { kind: server }, at: ${value} }, limit: 1s }`) as PercentilesMetric).at;

  it('may be one or several', () => {
    expect(at('0.95')).toEqual([0.95]);
    expect(at('[0.5, 0.999]')).toEqual([0.5, 0.999]);
  });
});

describe('phases', () => {
  it('loosen the margins of the metrics they name', () => {
    const metric = `- { name: errors, source: traces, proportion: { events: { status: error }, of: { kind: server } }, margin: { relative: 0.1, absolute: 0.001 } }`;
    const { phases } = good(
      around(metric, '  phases: [{ weight: 0.05, margins: { errors: { relative: 2, absolute: 0.005 } } }, { weight: 1 }]'),
    );
    expect(phases).toEqual([
      { weight: 0.05, margins: { errors: { relative: 2, absolute: 0.005 } } },
      { weight: 1, margins: {} },
    ]);
  });
});

describe('missing data', () => {
  const policies = (value: string): unknown =>
    metricOf(`- { name: m, source: traces, rate: { events: { kind: server } }, limit: 1, onNoData: ${value} }`).onNoData;

  it('has one policy, or one for each cause', () => {
    expect(policies('ignore')).toEqual({ absent: 'ignore', stale: 'ignore', nan: 'ignore', zero: 'ignore' });
    expect(policies('{ absent: fail, zero: ignore }')).toEqual({ absent: 'fail', stale: 'hold', nan: 'hold', zero: 'ignore' });
  });
});

describe('mistakes', () => {
  it('are all found at once, in the order of the text', () => {
    const text = design
      .replace('window: 15s', 'window: 15')
      .replace('role: critical  ', 'rol: critical  ')
      .replace('at: [0.5, 0.95, 0.99]', 'at: [50, 95]')
      .replace('limit: 500ms', 'limit: fast');
    const { template, issues } = parseTemplate(text);
    expect(template).toBeNull();
    expect(issues.map(({ code, line }) => [code, line])).toEqual([
      ['invalid-duration', 13],
      ['unknown-key', 17],
      ['out-of-range', 25],
      ['out-of-range', 25],
      ['wrong-type', 40],
    ]);
  });

  it('do not hinder the template while they are warnings', () => {
    const { template, issues } = parseTemplate(design.replace('{ relative: 0.25, absolute: 0.001 }', '{ relative: 0.25 }'));
    expect(issues.map(({ code, severity }) => [code, severity])).toEqual([['relative-margin-only', 'warning']]);
    expect(template).not.toBeNull();
  });

  it('of one metric do not hide those of the next', () => {
    const text = around(`- { name: a, source: nowhere, gauge: {}, limit: 1 }
- { name: b, source: traces, gauge: { of: {} }, margin: { relative: -1 } }`);
    expect(codesOf(text)).toEqual(['invalid-value', 'selects-everything', 'out-of-range']);
  });

  it('in the words of other tools are translated', () => {
    const { issues } = parseTemplate(design.replace('limit: 500ms', 'successCondition: result < 0.5'));
    expect(issues.find(({ code }) => code === 'unknown-key')?.repair).toContain('limit');
  });
});
