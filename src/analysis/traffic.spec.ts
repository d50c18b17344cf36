import { describe, expect, it } from '@jest/globals';
import type { Cell, ClosedWindow, Measurement, Template } from '../domain/index.js';
import { parseTemplate } from '../templates/index.js';
import { mostSlices, TrafficMeter, totalTraffic } from './traffic.js';

const templateOf = (metrics: string, guards = ''): Template => {
  const head = 'apiVersion: assay.dev/v1\nkind: AnalysisTemplate\nmetadata: { name: t }\n';
  const { template, issues } = parseTemplate(`${head}spec:\n  metrics:\n${metrics}${guards}`);
  if (!template) throw new Error(JSON.stringify(issues));
  return template;
};
const proportion = (of: string, more = 'role: critical, source: traces') =>
  `    - { name: ${of.length}-errors, ${more}, proportion: { of: ${of}, events: { status: error } }, margin: { absolute: 0.01 } }\n`;
const cohorts = {
  baseline: [{ attribute: 'service.version', operator: '=', value: '1' }],
  canary: [{ attribute: 'service.version', operator: '=', value: '2' }],
} as const;

const span = (version: string, route: string | null, count: number, kind = 'server'): Cell => ({
  signal: 'span',
  instrument: null,
  attributes: { 'service.version': version, kind, ...(route === null ? {} : { 'http.route': route }) },
  count,
  sum: 0,
  sumOfSquares: 0,
  last: 0,
  histogram: null,
});
const windowOf = (cells: readonly Cell[]): ClosedWindow => ({ service: 's', from: 0, to: 15_000, cells, flags: { late: 0, overflow: 0 } });
const measure = (template: Template, cells: readonly Cell[]) => new TrafficMeter({ template, cohorts }).measure([windowOf(cells)]);

describe('the traffic of a window', () => {
  const template = templateOf(proportion('{ kind: server }'));

  it('is what each cohort served, by route, of the spans that the metric selects', () => {
    const cells = [
      span('1', '/pay', 7),
      span('1', '/', 3),
      span('1', '/', 2),
      span('2', null, 4),
      span('1', '/', 99, 'client'),
      span('3', '/', 9),
    ];
    expect(measure(template, cells)).toEqual({ attribute: 'http.route', baseline: { '/': 5, '/pay': 7 }, canary: { '': 4 } });
  });

  it('tells the largest slices apart and lumps the rest together', () => {
    const cells = Array.from({ length: 100 }, (_, index) => span('1', `/${index}`, index + 1));
    const { baseline = {} } = measure(template, cells) ?? {};
    expect(Object.keys(baseline)).toHaveLength(mostSlices + 1);
    expect(baseline).toMatchObject({ '/99': 100, '/70': 71, other: (70 * 71) / 2 });
  });

  it('prefers a metric that is not about one route, and takes names that every object has as they are', () => {
    const both = templateOf(proportion('{ kind: server, http.route: /pay }') + proportion('{ kind: server }'));
    const { baseline } = measure(both, [span('1', '/', 5), span('1', '__proto__', 2)]) ?? {};
    expect(Object.entries(baseline ?? {})).toEqual([
      ['/', 5],
      ['__proto__', 2],
    ]);
  });

  it('tells no slices apart where some were lost in an overflow cell, and still counts all of it', () => {
    const lost = (version: string, count: number): Cell => {
      const { attributes, ...cell } = span(version, null, count);
      return { ...cell, attributes: { ...attributes, 'otel.metric.overflow': 'true' } };
    };
    const cells = [span('1', '/', 10), lost('1', 90), span('2', '/', 9), lost('2', 1)];
    expect(measure(template, cells)).toEqual({ attribute: null, baseline: { '': 100 }, canary: { '': 10 } });
    const narrowed = templateOf(proportion('{ kind: server, http.route: / }'));
    expect(
      new TrafficMeter({ template: narrowed, cohorts }).measure([{ ...windowOf(cells), flags: { late: 0, overflow: 91 } }]),
    ).toBeNull();
  });

  it('is not known where nothing was seen, where a span is on both sides, or where nobody asks', () => {
    expect(measure(template, [])).toBeNull();
    const overlapping = new TrafficMeter({ template, cohorts: { ...cohorts, canary: cohorts.baseline } });
    expect(overlapping.measure([windowOf([span('1', '/', 5)])])).toBeNull();
    expect(
      measure(templateOf(proportion('{ kind: server }'), '  guards: { sampleRatio: off, mix: off }\n'), [span('1', '/', 5)]),
    ).toBeNull();
  });
});

describe('the total traffic', () => {
  const pushed = templateOf(proportion('{ metric: requests }', 'role: critical, source: metrics'));
  const reading = (canary: Measurement['canary']): Measurement[] => [
    { metric: pushed.metrics[0]?.name ?? '', baseline: { kind: 'counts', total: 90, events: 1, pods: {} }, canary, warnings: [] },
  ];

  it('is what the first deciding proportion counted', () => {
    expect(totalTraffic(pushed, reading({ kind: 'counts', total: 10, events: 0, pods: {} }))).toEqual({
      attribute: null,
      baseline: { '': 90 },
      canary: { '': 10 },
    });
  });

  it('is nothing for a silent cohort, and not known where a source did not answer', () => {
    expect(totalTraffic(pushed, reading({ kind: 'gap', cause: 'absent', detail: '' }))?.canary).toEqual({ '': 0 });
    expect(totalTraffic(pushed, reading({ kind: 'gap', cause: 'unavailable', detail: '' }))).toBeNull();
  });
});
