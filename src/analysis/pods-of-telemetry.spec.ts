import { describe, expect, it } from '@jest/globals';
import type { Cell, Measurement, Metric } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { PushedMeter } from './measure.js';

const metricOf = (metric: string): Metric => {
  const { template, issues } = parseTemplate(`
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  cohorts: { pod: k8s.pod.name }
  metrics: [{ name: m, role: critical, ${metric}, margin: { relative: 0.1, absolute: 0.1 } }]
`);
  const [read] = template?.metrics ?? [];
  if (!read) throw new Error(issues.map(({ message }) => message).join('; '));
  return read;
};

const cell = (pod: string | null, more: Partial<Cell>): Cell => ({
  signal: 'sum',
  instrument: 'm',
  attributes: { 'service.version': 'old', ...(pod === null ? {} : { 'k8s.pod.name': pod }) },
  count: 0,
  sum: 0,
  sumOfSquares: 0,
  last: 0,
  histogram: null,
  ...more,
});

/** What the baseline did in one window of 15 s that has these cells. */
function baselineOf(metric: string, cells: readonly Cell[]): Measurement['baseline'] {
  const version = (value: string) => [{ attribute: 'service.version', operator: '=', value } as const];
  const meter = new PushedMeter(metricOf(metric), { cohorts: { baseline: version('old'), canary: version('new') }, pod: 'k8s.pod.name' });
  return meter.measure([{ service: 'shop', from: 0, to: 15_000, cells, flags: { late: 0, overflow: 0 } }], 15).baseline;
}

const gauge = 'source: metrics, unit: By, gauge: { of: { metric: m } }';
const perSecond = 'source: metrics, rate: { events: { metric: m } }';
const slow = 'source: traces, percentiles: { of: { kind: server }, at: [0.5, 0.9] }';
const level = (pod: string | null, count: number, sum: number): Cell => cell(pod, { signal: 'gauge', count, sum });

describe('pushed telemetry, pod by pod', () => {
  it('gives the level of each pod beside that of all', () => {
    expect(baselineOf(gauge, [level('b', 1, 30), level('a', 2, 20), level('idle', 0, 0)])).toEqual({
      kind: 'level',
      value: 50 / 3,
      pods: { a: 10, b: 30 },
    });
  });

  it('tells no pods apart where some series names none', () => {
    expect(baselineOf(gauge, [level('a', 1, 10), level(null, 1, 20)])).toEqual({ kind: 'level', value: 15 });
  });

  it('gives each pod its events and its time', () => {
    const other = cell('b', { instrument: 'another', count: 9 });
    expect(baselineOf(perSecond, [cell('a', { count: 4 }), cell('a', { count: 1 }), other])).toEqual({
      kind: 'rate',
      events: 5,
      exposure: 15,
      pods: { a: { events: 5, exposure: 15 }, b: { events: 0, exposure: 15 } },
    });
  });

  it('counts what of each pod lies above the percentiles of all', () => {
    const spans = (pod: string, counts: number[]): Cell =>
      cell(pod, {
        signal: 'span',
        instrument: null,
        attributes: { 'service.version': 'old', 'k8s.pod.name': pod, kind: 'server' },
        count: counts.reduce((sum, count) => sum + count, 0),
        histogram: { kind: 'explicit', bounds: [0.1, 0.5], counts },
      });
    expect(baselineOf(slow, [spans('a', [50, 0, 0]), spans('b', [10, 30, 10])])).toMatchObject({
      kind: 'distribution',
      pods: { a: { total: 50, above: [0, 0] }, b: { total: 50, above: [40, 10] } },
    });
  });
});
