import { describe, expect, it } from '@jest/globals';
import type { Template } from '../domain/index.js';
import { parseTemplate } from './parse-template.js';

const written = (metric: string, rest = ''): string => `
apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
  arguments: { widest: { type: number, default: 0.2 } }
  cohorts: { by: version }
${rest}
  metrics:
    - name: latency
      role: critical
      weight: 6
      margin: { relative: '\${widest}' }
${metric}`;

const onTraces = `
      source: traces
      percentiles: { of: { kind: server }, at: [0.5] }
      slices: { by: http.route, values: [/cart, /pay, '/a "quoted" one'], min: 8 }`;

function read(text: string): Template {
  const { template, issues } = parseTemplate(text);
  if (!template) throw new Error(issues.map(({ message }) => message).join());
  return template;
}

const queryOf = (template: Template, name: string): string => {
  const metric = template.metrics.find((each) => each.name === name);
  return metric && 'of' in metric && metric.of.type === 'query' ? metric.of.query : '';
};

describe('a metric with slices', () => {
  it('is the whole, and one metric of narrower selection for each value', () => {
    const { metrics } = read(written(onTraces));
    expect(metrics.map(({ name }) => name)).toEqual(['latency', 'latency[/cart]', 'latency[/pay]', 'latency[/a "quoted" one]']);
    expect(metrics[2]).toMatchObject({
      of: {
        matchers: [
          { attribute: 'kind', value: 'server' },
          { attribute: 'http.route', operator: '=', value: '/pay' },
        ],
      },
      slice: { of: 'latency', min: 8 },
    });
    expect(metrics[0]).not.toHaveProperty('slice');
  });

  it('spends no more of the error budget than it would whole: half on the whole, half shared', () => {
    expect(read(written(onTraces)).metrics.map(({ weight }) => weight)).toEqual([3, 1, 1, 1]);
  });

  it('is held to the margin of its phase, and of its argument, in every slice', () => {
    const template = read(written(onTraces, '  phases: [{ weight: 0.1, margins: { latency: { relative: 2 } } }, { weight: 1 }]'));
    expect(template.phases[0]?.margins).toMatchObject({ latency: { relative: 2 }, 'latency[/pay]': { relative: 2 } });
    expect(template.numbersFromArguments?.map(({ metric }) => metric)).toEqual(template.metrics.map(({ name }) => name));
  });

  it('does not wait for traffic on a slice, while the whole metric does', () => {
    const [whole, slice] = read(written(onTraces)).metrics;
    expect([whole?.onNoData.absent, slice?.onNoData.absent, slice?.onNoData.nan]).toEqual(['hold', 'ignore', 'hold']);
  });

  it.each([
    ['seconds', 'seconds{http_route="/pay"}'],
    ['seconds{}', 'seconds{http_route="/pay"}'],
    ['seconds{job="shop"}', 'seconds{job="shop",http_route="/pay"}'],
    ['seconds{job="shop", }', 'seconds{job="shop",http_route="/pay"}'],
  ])('narrows the selector %s', (selector, narrowed) => {
    const template = read(
      written(`
      source: prometheus
      percentiles: { of: '${selector}', at: [0.5] }
      slices: { by: http.route, values: [/pay] }`),
    );
    expect(queryOf(template, 'latency[/pay]')).toBe(narrowed);
  });

  it('keeps a value in its quotes, whatever it holds', () => {
    const template = read(
      written(`
      source: prometheus
      percentiles: { of: seconds, at: [0.5] }
      slices: { by: route, values: ['x"} or up{a="'] }`),
    );
    expect(queryOf(template, 'latency[x"} or up{a="]')).toBe('seconds{route="x\\"} or up{a=\\""}');
  });

  it('is refused where its slices would make a look too long', () => {
    const slices = Array.from({ length: 20 }, (_, index) => `r${index}`).join(', ');
    const one = (name: string): string => `
    - { name: ${name}, role: critical, source: traces, margin: { relative: 1 }, percentiles: { of: { kind: server }, at: [0.5] }, slices: { by: route, values: [${slices}] } }`;
    const { issues } = parseTemplate(written(onTraces) + ['a', 'b', 'c', 'd', 'e'].map(one).join(''));
    expect(issues.map(({ code }) => code)).toEqual(['too-many-metrics']);
  });
});
