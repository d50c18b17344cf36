import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { planRecording } from '../../src/domain/index.js';
import { parseTemplate, resolveArguments } from '../../src/templates/index.js';
import { expectGolden } from '../support/golden.js';

const files = readdirSync(resolve('analysis-templates')).filter((name) => name.endsWith('.yaml'));
const read = (file: string) => parseTemplate(readFileSync(resolve('analysis-templates', file), 'utf8'), file);

/** What each template asks for at least. */
const given: Record<string, Record<string, string>> = { 'custom-kpi.yaml': { job: 'shop' } };
const filled = files.map((file) => {
  const { template } = read(file);
  if (template === null) throw new Error(`${file} has an error`);
  return resolveArguments(template, given[file] ?? { service: 'checkout' });
});

describe('the templates that come with Assay', () => {
  it('are the seven that the documentation names', () =>
    expect(files).toEqual(['custom-kpi.yaml', 'grpc-service.yaml', 'http-service.yaml', 'kayenta-canary.yaml', 'queue-worker.yaml', 'service-logs.yaml', 'slo-limits.yaml']));

  it.each(files)('%s: has no mistake, and is named after its file', (file) => {
    const { template, issues } = read(file);
    expect(issues).toEqual([]);
    expect(`${template?.name}.yaml`).toBe(file);
  });

  it('leave no placeholder behind', () => expect(JSON.stringify(filled)).not.toContain('${'));

  it('are read as the golden says', () =>
    expectGolden('templates-shipped.json', `${JSON.stringify(filled.map((template) => ({ ...template, hash: '' })), null, 2)}\n`));

  it('need only these attributes of pushed telemetry', () =>
    expect(planRecording(filled)).toEqual({
      windowMs: 15_000,
      latenessMs: 5_000,
      attributes: ['http.route', 'k8s.pod.name', 'kind', 'messaging.destination.name', 'rpc.grpc.status_code', 'rpc.service', 'service.name', 'service.version', 'severity', 'status'],
      values: [],
      cohorts: ['service.version'],
      services: ['checkout'],
      logs: true,
    }));
});

describe('docs/templates.md', () => {
  const documentation = readFileSync(resolve('docs/templates.md'), 'utf8');
  const blocks = [...documentation.matchAll(/```yaml\n(apiVersion[\s\S]*?)```/g)].map(([, text]) => text ?? '');

  it('shows whole templates that have no mistake', () => {
    expect(blocks.length).toBeGreaterThan(0);
    for (const text of blocks) expect(parseTemplate(text).issues).toEqual([]);
  });

  it('begins with one of at most 15 lines', () => expect(blocks[0]?.trim().split('\n').length).toBeLessThanOrEqual(15));

  it('lists every code that a mistake can have', () => {
    const source = readdirSync(resolve('src/templates')).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
    const written = source.map((name) => readFileSync(resolve('src/templates', name), 'utf8')).join('\n');
    const calls = /(?:code: |const code = |report\([^,]*, |wholeFile\(|refuse\(|issue\(\w+(?:\.\w+)?, )'([a-z]+(?:-[a-z]+)+)'/g;
    const codes = [...new Set([...written.matchAll(calls)].map(([, code]) => code ?? ''))].sort();
    expect(codes.length).toBeGreaterThan(40);
    expect(codes.filter((code) => !documentation.includes(`\`${code}\``))).toEqual([]);
  });
});

describe('docs/template.schema.json', () => {
  /** A key that nobody knows at every level: the linter answers with the keys it does know. */
  const curious = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
q7q7q7: 1
metadata: { name: shop, q7q7q7: 1 }
spec:
  q7q7q7: 1
  arguments: { a: { q7q7q7: 1 } }
  cohorts: { q7q7q7: 1, baseline: { q7q7q7: 1 } }
  schedule: { q7q7q7: 1 }
  budget: { q7q7q7: 1 }
  judge: { kind: kayenta, q7q7q7: 1 }
  guards: { q7q7q7: 1, sampleRatio: { q7q7q7: 1 }, mix: { q7q7q7: 1, tolerance: { q7q7q7: 1 } } }
  phases: [{ weight: 1, q7q7q7: 1 }]
  metrics:
    - { name: '\${a}', role: critical, source: traces, q7q7q7: 1, margin: { relative: 1, q7q7q7: 1 }, onNoData: { q7q7q7: 1 }, kayenta: { q7q7q7: 1 },
        proportion: { of: { kind: server }, events: { status: error }, q7q7q7: 1 } }
    - { name: b, source: traces, limit: 1, percentiles: { of: { kind: server }, at: 0.5, q7q7q7: 1 } }
    - { name: c, source: traces, limit: 1, rate: { events: { kind: server }, q7q7q7: 1 } }
    - { name: d, role: informational, source: traces, limit: 1, mean: { of: { kind: server }, q7q7q7: 1 } }
`;
  type Schema = { properties?: Record<string, Schema>; $defs?: Record<string, Schema>; items?: Schema; anyOf?: Schema[] };
  const schema = JSON.parse(readFileSync(resolve('docs/template.schema.json'), 'utf8')) as Schema;
  const { metric, margin, argumentSpec } = schema.$defs ?? {};
  const spec = schema.properties?.['spec']?.properties ?? {};
  const guards = spec['guards'];
  const mix = guards?.properties?.['mix']?.anyOf?.[1];
  const places: Record<string, Schema | undefined> = {
    q7q7q7: schema,
    'metadata.q7q7q7': schema.properties?.['metadata'],
    'spec.q7q7q7': schema.properties?.['spec'],
    'spec.arguments.a.q7q7q7': argumentSpec?.anyOf?.[1],
    'spec.cohorts.q7q7q7': spec['cohorts'],
    'spec.cohorts.baseline.q7q7q7': spec['cohorts']?.properties?.['baseline'],
    'spec.schedule.q7q7q7': spec['schedule'],
    'spec.budget.q7q7q7': spec['budget'],
    'spec.judge.q7q7q7': spec['judge']?.anyOf?.[1],
    'spec.guards.q7q7q7': guards,
    'spec.guards.sampleRatio.q7q7q7': guards?.properties?.['sampleRatio']?.anyOf?.[1],
    'spec.guards.mix.q7q7q7': mix,
    'spec.guards.mix.tolerance.q7q7q7': mix?.properties?.['tolerance'],
    'spec.phases[0].q7q7q7': spec['phases']?.items,
    'spec.metrics[0].q7q7q7': metric,
    'spec.metrics[0].margin.q7q7q7': margin,
    'spec.metrics[0].onNoData.q7q7q7': metric?.properties?.['onNoData']?.anyOf?.[1],
    'spec.metrics[0].kayenta.q7q7q7': metric?.properties?.['kayenta'],
    'spec.metrics[0].proportion.q7q7q7': metric?.properties?.['proportion'],
    'spec.metrics[1].percentiles.q7q7q7': metric?.properties?.['percentiles'],
    'spec.metrics[2].rate.q7q7q7': metric?.properties?.['rate'],
    'spec.metrics[3].mean.q7q7q7': metric?.properties?.['mean'],
  };
  const known = new Map(
    parseTemplate(curious)
      .issues.filter(({ code }) => code === 'unknown-key')
      .map(({ path, repair }) => [path, repair.replace('use one of: ', '').split(', ').sort()]),
  );

  it.each(Object.keys(places))('knows the keys that the linter knows beside %s', (place) => {
    expect(Object.keys(places[place]?.properties ?? {}).sort()).toEqual(known.get(place));
  });
});
