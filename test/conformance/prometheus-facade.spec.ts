import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import type { Run, Verdict } from '../../src/domain/index.js';
import { RunStore } from '../../src/storage/index.js';
import { type Answer, TestApi } from '../support/api.js';
import { sampleEvidence } from '../support/sample-run.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ tokens: true });
}, 60_000);
afterAll(() => api.stop());

const viewer = (): string => api.tokens.viewer ?? '';

/** One run of an application of its own, after these looks. */
async function runOf(app: string, looks: readonly Partial<Verdict>[], canary = '1.5.0', namespace = 'shop'): Promise<Run> {
  const labels = { namespace, app };
  const asked = { template: 'http-service', arguments: { service: app }, baseline: '1.4.2', canary, labels };
  const { body } = await api.post('/v1/runs', asked, { token: api.tokens.deployer ?? '' });
  let run = await api.get(RunStore).get(body.id);
  for (const verdict of looks) run = await api.look(run, verdict);
  return run;
}

const ask = (path: string): Promise<Answer> => api.ask(`/prometheus/api/v1/${path}`, { token: viewer() });

const query = (text: string, time = ''): Promise<Answer> => ask(`query?query=${encodeURIComponent(text)}${time && `&time=${time}`}`);

const form = (path: string, fields: string): Promise<Answer> =>
  api.ask(`/prometheus/api/v1/${path}`, {
    method: 'POST',
    token: viewer(),
    body: fields,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

/** The values of an instant query, in the order of the answer. */
const valuesOf = ({ body }: Answer): string[] => body.data.result.map(({ value }: { value: [number, string] }) => value[1]);

const promote = { decision: 'promote', final: true, code: 'all-safe', score: 100 } as const;
const rollback = { decision: 'rollback', final: true, code: 'harm-evidence', score: 0 } as const;

/** What Flagger does with an answer: every result, the last one counts, no number is no value. */
function asFlagger({ status, body }: Answer): number | null {
  if (status >= 400) return null;
  const values: number[] = body.data.result.map(({ value }: { value: [number, string] }) => Number(value[1]));
  const last = values.at(-1);
  return last === undefined || Number.isNaN(last) ? null : last;
}

describe('assay_verdict', () => {
  it.each([
    ['collecting', [], '0'],
    ['holding', [{}], '0'],
    ['held-to-the-end', [{ final: true, code: 'deadline' } as const], '0'],
    ['promoted', [{}, promote], '1'],
    ['baking', [{ decision: 'promote', code: 'baking' } as const], '1'],
    ['rolled-back', [rollback], '-1'],
    ['source-down', [{ code: 'source-unavailable' } as const], '0'],
    ['cancelled', [{ final: true, code: 'cancelled' } as const], '0'],
  ])('of a run that is %s is one text', async (app, looks, expected) => {
    await runOf(app, looks);
    const answer = await query(`assay_verdict{template="http-service",namespace="shop",app="${app}"}`);
    expect([answer.status, valuesOf(answer)]).toEqual([200, [expected]]);
    expect(answer.body.data.result[0].metric).toMatchObject({ __name__: 'assay_verdict', app, namespace: 'shop', canary: '1.5.0' });
  });

  it('of an application in two namespaces is the worst, first and last, until the question names one', async () => {
    await runOf('pay', [promote], '1.5.0', 'staging');
    await runOf('pay', [{}], '1.5.0', 'prod');
    const both = await query('assay_verdict{template="http-service",app="pay",canary="1.5.0"}');
    expect(valuesOf(both)).toEqual(['0', '0']);
    expect(valuesOf(await query('assay_verdict{app="pay",namespace="staging",canary="1.5.0"}'))).toEqual(['1']);
    expect(valuesOf(await query('assay_verdict{namespace=~"staging|prod",app=~"pay"}')).sort()).toEqual(['0', '1']);
  });

  it('of an application that nobody knows is empty', async () => {
    const answer = await query('assay_verdict{app="nobody"}');
    expect(answer.body).toEqual({ status: 'success', data: { resultType: 'vector', result: [] } });
  });

  it('is the newest run of an application, whichever result a client takes', async () => {
    await runOf('repeated', [rollback], '1.5.0');
    await runOf('repeated', [{}], '1.6.0');
    expect(valuesOf(await query('assay_verdict{app="repeated"}'))).toEqual(['0']);
    expect(valuesOf(await query('assay_verdict{app="repeated",canary="1.5.0"}'))).toEqual(['-1']);
  });

  it('does not let the promote of the last release through for the next one', async () => {
    const run = await runOf('released', [{}]);
    const ended = await api.look(run, promote);
    const later = (ended.finishedAt?.getTime() ?? 0) / 1000 + 600;
    const unnamed = await query('assay_verdict{app="released"}', String(later));
    expect(valuesOf(unnamed)).toEqual(['0']);
    expect(unnamed.body.warnings[0]).toContain('name the release');
    expect(valuesOf(await query('assay_verdict{app="released",canary="1.5.0"}', String(later)))).toEqual(['1']);
    expect(valuesOf(await query('assay_verdict{app="released",canary!="1.6.0"}', String(later)))).toEqual(['0']);
  });
});

describe('what else a run says', () => {
  const evidence = [
    sampleEvidence({ effect: { low: -0.0011, high: 0.0006, estimate: -0.0002 }, logHarm: Math.log(0.5), logSafe: Math.log(40) }),
    sampleEvidence({ name: 'latency p95' }),
  ];

  beforeAll(() => runOf('measured', [{ evidence, score: 61, etaSeconds: 240 }]));

  it.each([
    ['assay_score{app="measured"}', ['61']],
    ['assay_eta_seconds{app="measured"}', ['240']],
    ['assay_effect{app="measured",metric="error-rate"}', ['-0.0002']],
    ['assay_effect{app="measured",metric="latency p95"}', ['NaN']],
    ['assay_ci_low{app="measured"}', ['-0.0011', '-Inf']],
    ['assay_ci_high{app="measured"}', ['0.0006', '+Inf']],
    ['assay_evidence{app="measured",metric="error-rate",claim="harm"}', ['0.5']],
    ['assay_evidence{app=~"meas.*",metric!~"latency.*",claim="safe"}', ['40']],
    ['{__name__="assay_score", app=\'measured\',}', ['61']],
    ['assay_effect{app="measured",metric="none"}', []],
  ])('%s is %j', async (question, values) => {
    expect(valuesOf(await query(question))).toEqual(values);
  });
});

describe('a probe', () => {
  it('by Flagger is a vector of one', async () => {
    expect((await query('vector(1)', '1769940902')).body).toEqual({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: {}, value: [1769940902, '1'] }] },
    });
  });

  it('by Grafana is a scalar of two', async () => {
    const { status, body } = await form('query', 'query=1%2B1&time=4');
    expect([status, body.data]).toEqual([200, { resultType: 'scalar', result: [4, '2'] }]);
  });

  it('finds what a data source has', async () => {
    await runOf('listed', [{}]);
    expect((await ask('labels')).body.data).toEqual(expect.arrayContaining(['__name__', 'app', 'canary', 'metric', 'run', 'template']));
    expect((await ask('label/app/values')).body.data).toContain('listed');
    expect((await ask('label/__name__/values')).body.data).toHaveLength(7);
    expect((await ask(`label/app/values?match[]=${encodeURIComponent('assay_score{app="listed"}')}`)).body.data).toEqual(['listed']);
    const series = await form('series', `match[]=${encodeURIComponent('assay_verdict{app="listed"}')}&match[]=assay_none`);
    expect(series.body.data).toEqual([expect.objectContaining({ __name__: 'assay_verdict', app: 'listed' })]);
    expect((await ask('metadata')).body.data.assay_verdict[0].type).toBe('gauge');
    expect((await ask('status/buildinfo')).body.data.version).toMatch(/^2\./);
    expect((await form('labels', '')).status).toBe(200);
  });
});

describe('a range', () => {
  it('shows each verdict from its look on', async () => {
    const run = await runOf('ranged', [{}, promote]);
    const from = run.createdAt.getTime() / 1000 - 60;
    const { body, status } = await form('query_range', `query=assay_verdict{app="ranged"}&start=${from}&end=${from + 120}&step=30s`);
    expect([status, body.data.resultType]).toEqual([200, 'matrix']);
    const values = body.data.result[0].values.map(([, value]: [number, string]) => value);
    expect(values).toEqual(['0', '1', '1']); // from its start; the looks came within the next 30 s
  });

  it('of a constant has it at every step', async () => {
    const { body } = await ask('query_range?query=vector(3)&start=0&end=60&step=30');
    expect(body.data.result).toEqual([
      {
        metric: {},
        values: [
          [0, '3'],
          [30, '3'],
          [60, '3'],
        ],
      },
    ]);
  });

  it.each([
    ['start=0&end=110000&step=10', 200],
    ['start=0&end=110020&step=10', 400],
    ['start=60&end=0&step=10', 400],
    ['start=0&end=60&step=0', 400],
    ['start=0&end=60&step=-1', 400],
    ['start=0&end=60&step=1h5x', 400],
    ['start=0&end=60', 400],
    ['start=yesterday&end=60&step=1', 400],
    ['start=2026-01-01T00:00:00Z&end=2026-01-01T00:01:00Z&step=1m30s', 200],
  ])('with %s answers %d', async (times, status) => {
    const answer = await ask(`query_range?query=assay_verdict&${times}`);
    expect([answer.status, answer.body.status]).toEqual([status, status === 200 ? 'success' : 'error']);
  });
});

describe('anything else', () => {
  it.each([
    'up',
    'rate(assay_verdict[5m])',
    'assay_verdict[5m]',
    'assay_verdict offset 1h',
    'assay_verdict == 1',
    'sum(assay_verdict)',
    'assay_verdict{app="a"',
    'assay_verdict{app="a" app="b"}',
    'assay_verdict{app=a}',
    'assay_verdict{app=~"("}',
    'assay_verdict{}}',
    '{app="a"}',
    '1+2',
    'vector()',
    'vector(x)',
    '',
  ])('as %s is bad data', async (text) => {
    const { status, body, headers } = await query(text);
    expect([status, body]).toEqual([400, { status: 'error', errorType: 'bad_data', error: expect.any(String) }]);
    expect(headers.get('content-type')).toContain('application/json');
  });

  it('is read in time linear in its length', async () => {
    const { status } = await form('query', `query=assay_verdict{${'a="'.repeat(15_000)}`);
    expect(status).toBe(400);
  });
});

describe('who asks', () => {
  it('may carry the token as the password of Basic', async () => {
    const asked = { headers: { authorization: `Basic ${btoa(`flagger:${viewer()}`)}` } };
    expect((await api.ask('/prometheus/api/v1/query?query=vector(1)', asked)).status).toBe(200);
    expect((await api.ask('/v1/runs', asked)).status).toBe(401);
  });

  it('is nobody without a token, and forms are for this door only', async () => {
    const stranger = await api.ask('/prometheus/api/v1/query?query=vector(1)');
    expect([stranger.status, stranger.body.status]).toEqual([401, 'error']);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const elsewhere = await api.ask('/v1/runs', { method: 'POST', body: 'template=x', headers, token: api.tokens.admin ?? '' });
    expect(elsewhere.status).toBe(415);
  });
});

describe('docs/integrations/prometheus-facade.md', () => {
  const page = readFileSync('docs/integrations/prometheus-facade.md', 'utf8');
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].flatMap(([, text]) =>
    parseAllDocuments(text ?? '').map((document) => document.toJS()),
  );
  const fill = (text: string): string =>
    text
      .replace(/\{\{ *args\.canary-hash *\}\}/g, '1.5.0')
      .replace(/\{\{ *args\.service *\}\}|\{\{ *target *\}\}/g, 'documented')
      .replace(/\{\{ *namespace *\}\}/g, 'shop');

  it.each([
    ['promote', promote, 1, 'Successful'],
    ['hold', {}, 0, 'Inconclusive'],
    ['rollback', rollback, -1, 'Failed'],
  ] as const)('does to a rollout what it says: %s', async (_name, verdict, value, argo) => {
    const { finishedAt, id } = await runOf('documented', [verdict]);
    const template = blocks.find(({ kind }) => kind === 'MetricTemplate');
    expect(asFlagger(await query(fill(template.spec.query).replace(/\s+/g, ' ')))).toBe(value);
    const [metric] = blocks.find(({ kind }) => kind === 'AnalysisTemplate').spec.metrics;
    const answer = await form('query', `query=${encodeURIComponent(fill(metric.provider.prometheus.query))}`);
    const result = valuesOf(answer).map(Number);
    const holds = (condition: string): boolean => {
      const [, number] = /^len\(result\) > 0 && result\[0\] == (-?1)$/.exec(condition) ?? [];
      return result.length > 0 && result[0] === Number(number);
    };
    const measured = holds(metric.failureCondition) ? 'Failed' : holds(metric.successCondition) ? 'Successful' : 'Inconclusive';
    expect(measured).toBe(argo);
    if (finishedAt === null) await api.post(`/v1/runs/${id}/cancel`, {}, { token: api.tokens.deployer ?? '' });
  });

  it.each([
    [-1, false],
    [0, true],
    [1, true],
  ])('lets a value of %d pass the documented check of Flagger: %p', (value, passes) => {
    const [, inline] = /`(analysis\.metrics: .*?)`/.exec(page) ?? [];
    const [{ templateRef, thresholdRange }] = parse(inline ?? '')['analysis.metrics'];
    expect(templateRef.name).toBe(blocks.find(({ kind }) => kind === 'MetricTemplate').metadata.name);
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = thresholdRange;
    expect(value >= min && value <= max).toBe(passes);
  });

  it('asks Argo to name the release, and to hold where nobody decides', () => {
    const [metric] = blocks.find(({ kind }) => kind === 'AnalysisTemplate').spec.metrics;
    expect(metric.provider.prometheus.query).toContain('canary="{{args.canary-hash}}"');
    expect(metric).toMatchObject({ consecutiveSuccessLimit: 1, failureLimit: 0 });
    expect(metric.inconclusiveLimit).toBeGreaterThanOrEqual(metric.count);
  });
});
