import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { parseTemplate } from '../parse-template.js';
import { type Imported, importFiles } from './import-files.js';

/** An AnalysisTemplate of Argo with one metric. */
const argo = (query: string, successCondition: string, spec: object = {}): Imported => {
  const metric = { name: 'm', interval: '1m', successCondition, provider: { prometheus: { query } } };
  const text = stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name: 'a' },
    spec: { args: [{ name: 'canary' }, { name: 'stable' }], metrics: [metric], ...spec },
  });
  return importFiles([{ name: 'a.yaml', text }], { cohorts: null, mesh: null, format: null });
};

const hash = (arg: string): string => `pod_template_hash="{{args.${arg}}}"`;
const rate = (name: string, side: string): string => `sum(rate(${name}{${hash(side)}}[1m]))`;
const p99 = (side: string): string => `histogram_quantile(0.99, sum by (le) (rate(d_seconds_bucket{${hash(side)}}[1m])))`;
const share = (side: string): string => `(${rate('e_total', side)} / ${rate('r_total', side)})`;

const decisions = ({ findings }: Imported): string[] => findings.filter(({ severity }) => severity === 'decide').map(({ code }) => code);

describe('a query that compares canary and stable', () => {
  it.each([
    [
      'a ratio of rates',
      `${rate('e_total', 'canary')} / ${rate('e_total', 'stable')}`,
      'result[0] <= 1.2',
      'increase',
      { relative: 0.2, absolute: 0 },
    ],
    ['a ratio of percentiles', `${p99('canary')} / ${p99('stable')}`, 'result[0] < 1.5', 'increase', { relative: 0.5, absolute: 0 }],
    ['a ratio of shares', `${share('canary')} / ${share('stable')}`, 'result[0] < 1.1', 'increase', { relative: 0.1, absolute: 0 }],
    [
      'a ratio with a least',
      `${rate('ok_total', 'canary')} / ${rate('ok_total', 'stable')}`,
      'result[0] >= 0.9',
      'decrease',
      { relative: 0.1, absolute: 0 },
    ],
    ['a difference of shares', `${share('canary')} - ${share('stable')}`, 'result[0] < 0.1', 'increase', { relative: 0, absolute: 0.1 }],
    [
      'a relative change',
      `(${p99('canary')} - ${p99('stable')}) / ${p99('stable')}`,
      'result[0] < 0.3',
      'increase',
      { relative: 0.3, absolute: 0 },
    ],
  ])('%s becomes a margin against the baseline, and says so', (_, query, condition, harm, margin) => {
    const imported = argo(query, condition);
    const [metric] = parseTemplate(imported.templates[0]?.text ?? '').template?.metrics ?? [];
    expect(metric).toMatchObject({ harm, margin });
    expect(decisions(imported)).toContain('compared-with-baseline');
    expect(imported.findings.map(({ code }) => code)).not.toContain('unit-mismatch');
  });

  it.each([
    ['shares of mixed sides', `${rate('e_total', 'canary')} / ${rate('r_total', 'stable')}`, 'result[0] < 0.1'],
    [
      'mixed values inside one side',
      `(${rate('e_total', 'canary')} / ${rate('r_total', 'stable')}) / ${share('stable')}`,
      'result[0] < 1.1',
    ],
    ['the stable side on top', `${rate('e_total', 'stable')} / ${rate('e_total', 'canary')}`, 'result[0] > 0.5'],
    ['a ratio that wants less than before', `${rate('e_total', 'canary')} / ${rate('e_total', 'stable')}`, 'result[0] < 0.8'],
    ['sides by two labels', `sum(rate(e_total{${hash('canary')}}[1m])) / sum(rate(e_total{track="stable"}[1m]))`, 'result[0] < 1.1'],
    ['values that name no side', 'sum(rate(e_total{version="v2"}[1m])) / sum(rate(e_total{version="v1"}[1m]))', 'result[0] < 1.1'],
    ['a part of all', `sum(rate(e_total{${hash('canary')}}[1m])) / sum(rate(e_total[1m]))`, 'result[0] < 0.1'],
    [
      'a side whose name is not the label of the cohorts',
      'sum(rate(e_total{service="pay-canary"}[1m])) / sum(rate(e_total{service="pay"}[1m]))',
      'result[0] < 1.2',
    ],
    ['all but the canary', 'sum(rate(e_total{track="canary"}[1m])) / sum(rate(e_total{track!="canary"}[1m]))', 'result[0] < 1.2'],
    ['no number', `${share('canary')} - ${share('stable')}`, 'result[0] < {{args.most}}'],
  ])('%s: stays a comment, for a person to decide', (_, query, condition) => {
    const imported = argo(query, condition);
    expect(imported.templates).toEqual([]);
    expect(decisions(imported)).toContain('metric-left');
  });

  it('reads the whole in one part and the canary in another: a person decides', () => {
    const imported = argo(`sum(rate(e_total{${hash('canary')}}[1m])) / sum(rate(r_total[1m]))`, 'result[0] < 0.1');
    expect(decisions(imported)).toContain('cohort-mixed');
  });
});
