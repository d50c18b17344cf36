import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseTemplate } from '../parse-template.js';
import { type Imported, importFiles } from './import-files.js';

const importText = (text: string, name = 'a.yaml'): Imported => importFiles([{ name, text }], { cohorts: null, mesh: null, format: null });

/** Every template loads, whatever it was made of. */
function checkLoads({ templates, findings, unreadable }: Imported): void {
  for (const { text, name } of templates) {
    const { template, issues } = parseTemplate(text);
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(template?.name).toBe(name);
  }
  expect(templates.length + findings.length + unreadable.length).toBeGreaterThan(0);
}

const words = [
  'result[0]',
  '>=',
  '0.9',
  '||',
  'len(result) == 0',
  '${x}',
  '{{args.a}}',
  '*/',
  '"',
  "'",
  '\n',
  '\u202e',
  '`',
  '# c',
  '- a',
  ': ',
  '{',
  '}',
  '__proto__',
];
const queries = [
  'sum(rate(a{v="{{args.h}}"}[1m])) / sum(rate(a[1m]))',
  '100 - sum(rate(a{c!~"5.."}[5m])) / sum(rate(a[5m])) * 100 or vector(0)',
  'histogram_quantile(0.99, sum by (le) (rate(d_seconds_bucket{pod=~"{{ target }}-.*"}[{{ interval }}]))) * 1000',
  'PromQL:avg(cpu{v="${scope}",z="$${location}"})',
  'up',
  'sum(',
];
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom(...words, ...queries),
  fc.array(fc.constantFrom(...words)).map((each) => each.join(' ')),
);
const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom('0.95', '99', '1m', '-1', '1e400'));
const values = fc.oneof(texts, numbers, fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 3 }));

/** A mapping with some of these keys, each with a fitting value or with anything. */
const some = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, fc.oneof({ weight: 6, arbitrary: value }, values)])), {
    requiredKeys: [],
  });

const query = fc.oneof(fc.constantFrom(...queries), texts);
const argo = some({
  args: fc.array(some({ name: fc.constantFrom('a', 'h', '__proto__', 'x y', ''), value: texts })),
  dryRun: fc.array(some({ metricName: texts })),
  metrics: fc.array(
    some({
      name: fc.constantFrom('errors', 'Ü', '', '__proto__'),
      interval: numbers,
      count: numbers,
      initialDelay: numbers,
      successCondition: fc.oneof(fc.constantFrom('result[0] >= 0.9', 'result < 5 || isNaN(result)', 'result > {{args.a}}'), texts),
      failureCondition: texts,
      provider: some({ prometheus: some({ query, address: texts }), web: values, kayenta: values }),
    }),
    { maxLength: 4 },
  ),
});
const flagger = some({
  provider: fc.constantFrom('nginx', 'istio', 'gatewayapi:v1', '__proto__'),
  targetRef: some({ name: texts }),
  analysis: some({
    interval: numbers,
    iterations: numbers,
    metrics: fc.array(
      some({
        name: fc.constantFrom('request-success-rate', 'request-duration', 'own'),
        query,
        interval: numbers,
        thresholdRange: some({ min: numbers, max: numbers }),
        templateVariables: values,
      }),
      { maxLength: 4 },
    ),
  }),
});
const kayenta = some({
  name: texts,
  applications: fc.array(texts),
  judge: some({ name: fc.constantFrom('NetflixACAJudge-v1.0', 'Assay-v1', 'x') }),
  metrics: fc.array(
    some({
      name: fc.constantFrom('m', 'n', ''),
      groups: fc.array(fc.constantFrom('g', 'h', '__proto__')),
      query: some({ type: fc.constantFrom('prometheus', 'atlas'), customInlineTemplate: query, metricName: fc.constantFrom('cpu', 'a b') }),
      analysisConfigurations: some({
        canary: some({
          direction: fc.constantFrom('increase', 'either'),
          critical: fc.boolean(),
          effectSize: some({ allowedIncrease: numbers, allowedDecrease: numbers }),
        }),
      }),
    }),
    { maxLength: 4 },
  ),
  classifier: some({
    groupWeights: fc.dictionary(fc.constantFrom('g', 'h', 'm', '__proto__'), fc.integer({ min: 0, max: 100 })),
    scoreThresholds: some({ pass: numbers, marginal: numbers }),
  }),
});
const keptn = some({
  filter: values,
  objectives: fc.array(
    some({
      sli: fc.constantFrom('error_rate', 'response_time_p95', 'response_time_p00', 'x'),
      pass: fc.array(some({ criteria: fc.array(fc.constantFrom('<=+10%', '<600', '>=-5%', '<=0', '=1', '<99999999999')) })),
      weight: numbers,
      key_sli: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
});
const object = (kind: string, spec: fc.Arbitrary<object>): fc.Arbitrary<unknown> =>
  fc.record({ apiVersion: fc.constant('x/v1'), kind: fc.constant(kind), metadata: some({ name: texts, namespace: texts }), spec });
const documents = fc.oneof(
  object('AnalysisTemplate', argo),
  object('Rollout', some({ strategy: values })),
  object('Canary', flagger),
  object('MetricTemplate', some({ query, provider: some({ type: fc.constantFrom('prometheus', 'datadog') }) })),
  kayenta.map((config) => ({ ...config, classifier: (config as Record<string, unknown>)['classifier'] ?? {} })),
  keptn.map((slo) => ({ ...slo, objectives: (slo as Record<string, unknown>)['objectives'] ?? [] })),
  some({ indicators: fc.dictionary(fc.constantFrom('error_rate', 'x'), query) }),
);

describe('an import', () => {
  it('of any text ends, with templates that load or with a reason', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.string()), (text) => checkLoads(importText(text))),
      { numRuns: 50 },
    );
  });

  it('of anything in the shape of what the tools write ends, with templates that load or with a reason', () => {
    const several = fc.array(documents, { minLength: 1, maxLength: 3 });
    const write = (all: readonly unknown[], asJson: boolean): string =>
      all.map((each) => (asJson ? JSON.stringify(each) : stringify(each, { aliasDuplicateObjects: false }))).join('\n---\n');
    fc.assert(
      fc.property(several, fc.boolean(), (all, asJson) => checkLoads(importText(write(all, asJson)))),
      { numRuns: 60 },
    );
  });

  it.each([
    ['nothing', '', 'there is nothing in this file'],
    ['no YAML', 'a: [', 'flow'],
    ['aliases', 'a: &x [1]\nb: *x', 'anchors and aliases are not read'],
    ['too many brackets', '['.repeat(5000), 'mappings and lists'],
    ['too much', `a: ${'x'.repeat(70_000)}`, 'bytes'],
    ['two keys of one name', 'kind: Canary\nkind: Canary', 'stands twice'],
  ])('refuses %s, and says why', (_, text, why) => {
    const [refused] = importText(text).unreadable;
    expect(refused?.message).toContain(why);
    expect(refused?.repair).not.toBe('');
  });

  it('knows a Helm chart, and says what to give instead', () => {
    expect(importText('kind: AnalysisTemplate\nmetadata:\n  name: {{ .Values.name }}\n').unreadable[0]?.repair).toContain('helm template');
  });

  it.each(['kind: Deployment\nspec: {}', 'a: 1', '- 1', 'apiVersion: assay.dev/v1\nkind: AnalysisTemplate'])(
    'says what is understood: %j',
    (text) => {
      const { findings, templates } = importText(text);
      expect(templates).toEqual([]);
      expect(findings[0]).toMatchObject({ code: 'unknown-kind', severity: 'decide', repair: expect.stringContaining('Flagger') });
    },
  );

  it('gives two templates of one name two names', () => {
    const one = 'apiVersion: flagger.app/v1beta1\nkind: MetricTemplate\nmetadata: { name: same }\nspec: { query: up }\n';
    expect(importText(`${one}---\n${one}`).templates.map(({ name }) => name)).toEqual(['same', 'same-2']);
  });
});
