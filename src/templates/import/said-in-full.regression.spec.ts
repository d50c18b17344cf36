import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { parseTemplate } from '../parse-template.js';
import { type Imported, importFiles } from './import-files.js';

const imported = (document: object): Imported =>
  importFiles([{ name: 'a.yaml', text: stringify(document) }], { cohorts: null, mesh: null, format: null });
const decided = ({ findings }: Imported): string[] => findings.filter(({ severity }) => severity === 'decide').map(({ code }) => code);

const errors = 'sum(rate(e_total{pod_template_hash="{{args.hash}}"}[1m]))';
const argo = (metric: object, spec: object = {}): Imported =>
  imported({
    kind: 'AnalysisTemplate',
    metadata: { name: 'a' },
    spec: {
      args: [{ name: 'hash' }, { name: 'n' }],
      metrics: [
        { name: 'always', successCondition: 'result[0] < 5', provider: { prometheus: { query: errors } } },
        { name: 'error-rate', interval: '1m', successCondition: 'result[0] < 5', provider: { prometheus: { query: errors } }, ...metric },
      ],
      ...spec,
    },
  });
const metricsOf = ({ templates }: Imported) => parseTemplate(templates[0]?.text ?? '').template?.metrics ?? [];

describe('an AnalysisTemplate', () => {
  it('names the metrics of a dry run by a pattern that may stand anywhere in the name', () => {
    const dry = argo({}, { dryRun: [{ metricName: 'err.*' }] });
    expect(metricsOf(dry).map(({ role }) => role)).toEqual(['critical', 'informational']);
    expect(dry.moved.some(({ path }) => path === 'spec.dryRun[0].metricName')).toBe(true);
    const none = argo({}, { dryRun: [{ metricName: 'errors' }] });
    expect(metricsOf(none).map(({ role }) => role)).toEqual(['critical', 'critical']);
    expect(decided(none)).toContain('no-such-metric');
    expect(none.moved.some(({ path }) => path === 'spec.dryRun[0].metricName')).toBe(false);
  });

  it('does not promise how long it takes where the count is an argument', () => {
    const unknown = argo({ count: '{{args.n}}' });
    expect(decided(unknown)).toContain('count-unknown');
    expect(JSON.stringify(unknown.findings)).not.toContain('no sooner than');
    expect(JSON.stringify(argo({ count: 5 }).findings)).toContain('no sooner than');
  });

  it('that accepts nothing is told so, once', () => {
    const none = argo({ successCondition: 'result[0] == 0' });
    expect(decided(none)).toContain('zero-tolerance');
    expect(metricsOf(none).map(({ name, harm }) => [name, harm])).toEqual([
      ['always', 'increase'],
      ['error-rate', 'increase'],
    ]);
  });

  it('with two providers is for a person', () => {
    expect(decided(argo({ provider: { prometheus: { query: errors }, datadog: { query: 'x' } } }))).toContain('two-providers');
  });
});

describe('a Canary of Flagger', () => {
  it('whose query names the pods of the canary is told so, and the pattern goes', () => {
    const query = 'sum(rate(e_total{pod=~"podinfo-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"}[1m]))';
    const metrics = [{ name: 'errors', query, thresholdRange: { max: 5 } }];
    const result = imported({
      kind: 'Canary',
      metadata: { name: 'podinfo' },
      spec: { targetRef: { name: 'podinfo' }, analysis: { metrics } },
    });
    expect(decided(result)).toContain('cohort-fixed');
    expect(result.templates[0]?.text).toContain('cohorts: { by: pod }');
    expect(result.templates[0]?.text).not.toContain('podinfo-[');
    expect(JSON.stringify(result.findings)).toContain('podinfo-primary-[');
  });
});

describe('a canary config of Kayenta', () => {
  const config = (query: object): Imported =>
    imported({
      name: 'k',
      templates: { f: 'a="${scope}"' },
      metrics: [
        { name: 'm', groups: ['g'], query: { type: 'prometheus', ...query }, analysisConfigurations: { canary: { critical: true } } },
      ],
      classifier: { groupWeights: { g: 100 } },
    });

  it('whose scope stands for conditions imports without them, and says so', () => {
    const scoped = config({ customInlineTemplate: 'PromQL:sum(rate(e{code=~"5..",${scope}}[1m])) / sum(rate(e{${scope}}[1m]))' });
    expect(decided(scoped)).toContain('conditions-in-scope');
    expect(metricsOf(scoped)).toMatchObject([{ name: 'm', kind: 'proportion' }]);
    expect(scoped.templates[0]?.text).not.toContain('scope}');
  });

  it('names a condition that stands beside the scope on its label', () => {
    const bound = config({ metricName: 'cpu', customFilterTemplate: 'f', labelBindings: ['a="b"'] });
    expect(decided(bound)).toContain('cohort-fixed');
    expect(bound.templates[0]?.text).toContain('cohorts: { by: a }');
  });
});

it('a list that is too long is told how to give it in parts', () => {
  const [long] = imported({ kind: 'List', items: [{ a: 'x'.repeat(70_000) }] }).unreadable;
  expect(long?.repair).toContain('kubectl get');
});
