import { describe, expect, it } from '@jest/globals';
import { parseTemplate } from './parse-template.js';

const metrics = `
    - { name: errors, role: critical, source: traces, proportion: { of: { kind: server }, events: { status: error } }MORE }
    - { name: latency, source: traces, percentiles: { of: { kind: server }, at: 0.5 }MARGIN }
    - { name: work, source: traces, rate: { events: { kind: server } }MARGIN }
    - { name: basket, source: traces, mean: { of: { kind: server }, value: basket }MARGIN }
    - { name: heap, source: metrics, gauge: { of: { metric: heap } }MARGIN }
`;
const read = (judge: string, margin: string, more = margin) => {
  const { template, issues } = parseTemplate(`apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: shop }
spec:
${judge}  metrics:${metrics.replaceAll('MARGIN', margin).replaceAll('MORE', more)}`);
  return { template, codes: issues.map(({ code }) => code) };
};
const margin = ', margin: { relative: 0.2, absolute: 0.01 }';

describe('the judge of a template', () => {
  it('is evidence where none is named, and then leaves no trace in what runs are pinned to', () => {
    for (const judge of ['', '  judge: evidence\n', '  judge: { kind: evidence }\n']) {
      const { template, codes } = read(judge, margin);
      expect(codes).toEqual([]);
      expect(template).not.toHaveProperty('judge');
      for (const metric of template?.metrics ?? []) expect(Object.keys(metric)).not.toEqual(expect.arrayContaining(['test']));
    }
  });

  it('has Kayenta’s settings by the names of a canary config', () => {
    const options =
      ', kayenta: { nanStrategy: replace, outliers: remove, outlierFactor: 2, effectSize: cles, allowedIncrease: 0.6, criticalDecrease: 0.3, groups: [a, b] }';
    const { template, codes } = read('  judge: { kind: kayenta, pass: 90, marginal: 70, decide: at-deadline }\n', '', options);
    expect(codes).toEqual([]);
    expect(template?.judge).toEqual({ kind: 'kayenta', pass: 90, marginal: 70, decide: 'at-deadline', groups: null });
    expect(template?.metrics[0]?.kayenta).toEqual({
      nanStrategy: 'replace',
      outlierStrategy: 'remove',
      outlierFactor: 2,
      effectMeasure: 'cles',
      allowedIncrease: 0.6,
      criticalDecrease: 0.3,
      groups: ['a', 'b'],
    });
    expect(template?.metrics[1]).not.toHaveProperty('kayenta');
  });

  it('lowers marginal with a pass that is lower', () => {
    expect(read('  judge: { kind: kayenta, pass: 40 }\n', '').template?.judge).toMatchObject({ pass: 40, marginal: 40 });
  });

  it('has a test for each kind of metric, unless one is named', () => {
    const { template, codes } = read('  judge: fixed-horizon\n', margin, `${margin}, test: beta-binomial`);
    expect(codes).toEqual([]);
    expect(template?.metrics.map(({ test }) => test)).toEqual(['beta-binomial', 'bootstrap', 'mann-whitney', 'welch', 'mann-whitney']);
    expect(read('  judge: fixed-horizon\n', margin).template?.metrics[0]?.test).toBe('two-proportion');
  });

  it('needs a margin where it tests against one', () => {
    expect(read('  judge: fixed-horizon\n', '').codes).toEqual(Array(5).fill('no-margin-or-limit'));
  });
});
