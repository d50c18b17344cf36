import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { Verdict } from '../../src/domain/index.js';
import { RunStore } from '../../src/storage/index.js';
import { type Answer, TestApi } from '../support/api.js';
import { type ArgoMetric, analyse, measurementOf, phaseAfter } from '../support/argo-rules.js';

let api: TestApi;
let lines: string[] = [];

beforeAll(async () => {
  api = await TestApi.start({ tokens: true, log: { write: (line: string) => void lines.push(line) } });
}, 60_000);
afterAll(() => api.stop());

const page = readFileSync('docs/integrations/argo-rollouts.md', 'utf8');
const documents = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => parse(text ?? ''));

interface WebMetric extends ArgoMetric {
  readonly provider: { readonly web: { url: string; method: string; headers: { key: string; value: string }[]; jsonBody: object } };
}

const metricOf = (name: string): WebMetric => documents.find(({ metadata }) => metadata?.name === name).spec.metrics[0];

const recommended = metricOf('assay');
const before18 = metricOf('assay-before-1-8');
const withoutLimit: ArgoMetric = { ...recommended, consecutiveSuccessLimit: 0 };

let rollouts = 0;
const nextService = (): string => `shop-${++rollouts}`;

/** The request of a documented metric, as Argo makes it for this rollout. Nothing here waits. */
function measure({ provider: { web } }: WebMetric, service: string): Promise<Answer> {
  const args: Record<string, string> = {
    service,
    'canary-hash': '6d5f7c9b8',
    'stable-hash': '5b8d4f7c6',
    'assay-token': api.tokens.deployer ?? '',
  };
  const fill = (text: string): string => text.replace(/\{\{args\.([\w-]+)\}\}/g, (_, name: string) => args[name] ?? '');
  const body = { ...JSON.parse(fill(JSON.stringify(web.jsonBody))), wait: '1ms' };
  const headers = Object.fromEntries(web.headers.map(({ key, value }) => [key.toLowerCase(), fill(value)]));
  return api.ask(web.url.replace('https://assay.example', ''), { method: web.method, body, headers });
}

const resultOf = ({ status, body }: Answer): unknown => (status >= 200 && status < 300 ? body : null);

/** The next look at the run that this answer is about. */
async function look(answer: Answer, verdict: Partial<Verdict>): Promise<void> {
  await api.look(await api.get(RunStore).get(answer.body.run), verdict);
}

const promote = { decision: 'promote', final: true, code: 'all-safe' } as const;
const rollback = { decision: 'rollback', final: true, code: 'harm-evidence' } as const;
const heldForGood = { final: true, code: 'deadline' } as const;
const post = (body: object): Promise<Answer> => api.post('/argo', body, { token: api.tokens.deployer ?? '' });

describe("Argo's rules", () => {
  const answers = { promote: { decision: 'promote' }, hold: { decision: 'hold' }, rollback: { decision: 'rollback' }, error: null };
  const [S, I, F, E] = [answers.promote, answers.hold, answers.rollback, answers.error];
  const times = (count: number, answer: unknown): unknown[] => Array.from({ length: count }, () => answer);
  const pending = (answer: unknown): unknown => (answer === I ? E : answer); // an undecided look is 503

  it.each([
    ['60 holds without consecutiveSuccessLimit', withoutLimit, times(60, I), 'Successful', 60],
    ['defaults, the first hold', { ...withoutLimit, inconclusiveLimit: 0 }, [I], 'Inconclusive', 1],
    ['60 holds', recommended, times(60, I), 'Inconclusive', 60],
    ['10 holds and a promote', recommended, [...times(10, I), S], 'Successful', 11],
    ['10 holds and a rollback', recommended, [...times(10, I), F], 'Failed', 11],
    ['12 errors and a promote', recommended, [...times(12, E), S], 'Successful', 13],
    ['13 errors', recommended, times(13, E), 'Error', 13],
    ['100 pending looks and a promote', before18, [...times(100, E), S], 'Successful', 101],
    ['100 pending looks and a rollback', before18, [...times(100, E), F], 'Failed', 101],
    ['100 pending looks and a hold', before18, [...times(100, E), I], 'Inconclusive', 101],
    ['181 errors', before18, times(181, E), 'Error', 181],
  ])('%s', async (_name, metric, said, phase, measurements) => {
    const analysis = await analyse(metric, async (index) => said[index]);
    expect([analysis.phase, analysis.measured.length]).toEqual([phase, measurements]);
  });

  it.each([
    ['no condition, promote', {}, S, 'Successful'],
    ['success only, hold', { successCondition: 'result.decision == "promote"' }, I, 'Failed'],
    ['failure only, hold', { failureCondition: 'result.decision == "rollback"' }, I, 'Successful'],
    ['failure only, rollback', { failureCondition: 'result.decision == "rollback"' }, F, 'Failed'],
    ['both, hold', recommended, I, 'Inconclusive'],
    ['both, cancelled', recommended, { decision: 'cancelled' }, 'Inconclusive'],
    ['both, a field that is missing', recommended, {}, 'Error'],
    ['both, no answer', recommended, E, 'Error'],
  ])('measure %s', (_name, metric: ArgoMetric, result, measured) => {
    expect(measurementOf(metric, result)).toBe(measured);
  });

  it('never end a documented template as Successful without a promote', () => {
    const said = fc.array(fc.constantFrom(S, I, F, E, { decision: 'cancelled' }), { minLength: 1, maxLength: 250 });
    const holdsOnly = fc.array(fc.constantFrom(I, E, { decision: 'cancelled' }), { minLength: 1, maxLength: 250 });
    const endOf = (metric: ArgoMetric, all: readonly unknown[]): { phase: string; seen: readonly unknown[] } => {
      const measured = all.map((result) => measurementOf(metric, result));
      const end = all.findIndex((_, index) => phaseAfter(metric, measured.slice(0, index + 1)) !== 'Running');
      const seen = end < 0 ? all : all.slice(0, end + 1);
      return { phase: phaseAfter(metric, measured.slice(0, seen.length)), seen };
    };
    fc.assert(
      fc.property(fc.oneof(said, holdsOnly), (all) => {
        for (const [metric, answered] of [[recommended, all] as const, [before18, all.map(pending)] as const]) {
          const { phase, seen } = endOf(metric, answered);
          if (phase === 'Successful') expect(seen).toContain(S);
        }
      }),
    );
  });
});

describe('an analysis over HTTP', () => {
  it('with 60 looks that all hold is never Successful, and is one run', async () => {
    const service = nextService();
    const runs = new Set<string>();
    const { phase, measured } = await analyse(recommended, async () => {
      const answer = await measure(recommended, service);
      runs.add(answer.body.run);
      await look(answer, {});
      return resultOf(answer);
    });
    expect([phase, measured.length, runs.size]).toEqual(['Inconclusive', 60, 1]);
    const [run] = runs;
    expect((await api.get(RunStore).get(run ?? '')).looks).toBe(60);
  });

  it.each([
    ['promote', promote, 'Successful'],
    ['rollback', rollback, 'Failed'],
    ['hold at the deadline', heldForGood, 'Inconclusive'],
    ['cancel', { final: true, code: 'cancelled' } as const, 'Inconclusive'],
  ])('that ends with %s', async (_name, verdict, phase) => {
    for (const metric of [recommended, before18]) {
      const service = nextService();
      const analysis = await analyse(metric, async (index) => {
        const answer = await measure(metric, service);
        if (index < 3) await look(answer, index === 2 ? verdict : {});
        return resultOf(answer);
      });
      expect(analysis.phase).toBe(phase);
    }
  });

  it('with a token that is not known ends in Error', async () => {
    const headers = [{ key: 'Authorization', value: 'Bearer nonsense' }];
    const metric = { ...recommended, provider: { web: { ...recommended.provider.web, headers } } };
    expect((await analyse(metric, async () => resultOf(await measure(metric, 'shop')))).phase).toBe('Error');
  });
});

describe('an answer', () => {
  const shape = {
    run: expect.stringMatching(/^run_/),
    status: 'running',
    status_url: expect.stringMatching(/^http:\/\/assay.example\/argo\/run_/),
    phase: 'running',
    score: expect.any(Number),
    reason: expect.any(String),
    summary: expect.any(String),
    next_check_s: expect.any(Number),
    eta_s: null,
    metrics: expect.any(Object),
    url: expect.stringMatching(/^http:\/\/assay.example\/v1\/runs\/run_/),
  };
  const body = { template: 'http-service', stable: '1', canary: '2' };

  it('has every field in every state', async () => {
    const service = nextService();
    const first = await post({ ...body, service });
    expect([first.status, first.body]).toEqual([200, { ...shape, decision: 'hold' }]);
    await look(first, { score: 61 });
    const second = await post({ ...body, service });
    expect(second.body).toEqual({ ...shape, decision: 'hold', score: 61, metrics: second.body.metrics, run: first.body.run });
    expect(second.body.metrics).toEqual({ error_rate: { decision: 'hold', effect: null, ci: [null, null], margin: 0.005 } });
    await look(first, { code: 'source-unavailable', reason: 'Prometheus is down' });
    const third = await post({ ...body, service });
    expect(third.body).toMatchObject({ decision: 'hold', reason: 'source-unavailable', summary: 'Prometheus is down' });
    await look(first, promote);
    const last = await post({ ...body, service });
    expect(last.body).toEqual({
      ...shape,
      status: 'promote',
      decision: 'promote',
      phase: 'finished',
      next_check_s: 0,
      metrics: last.body.metrics,
    });
    expect((await api.ask(`/argo/${first.body.run}`, { token: api.tokens.viewer ?? '' })).body).toEqual(last.body);
  });

  it('is documented with the fields that it has', async () => {
    const [, json] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    const documented = JSON.parse(json ?? '');
    const service = nextService();
    const first = await post({ ...body, service });
    await look(first, {});
    const said = (await post({ ...body, service })).body;
    expect(Object.keys(documented)).toEqual(Object.keys(said));
    expect(Object.keys(documented.metrics.error_rate)).toEqual(Object.keys(said.metrics.error_rate));
  });

  it('is asked for with the arguments that the documented Rollout gives', () => {
    const given = documents.find(({ strategy }) => strategy)?.strategy.canary.analysis;
    const template = documents.find(({ metadata }) => metadata?.name === given.templates[0].templateName);
    const wanted = template.spec.args.filter(({ valueFrom }: { valueFrom?: object }) => valueFrom === undefined);
    const names = (args: { name: string }[]): string[] => args.map(({ name }) => name).sort();
    expect(names(given.args)).toEqual(names(wanted));
  });

  it('of a cancelled run is cancelled', async () => {
    const service = nextService();
    const { body: answer } = await post({ ...body, service });
    await api.post(`/v1/runs/${answer.run}/cancel`, {}, { token: api.tokens.deployer ?? '' });
    expect((await post({ ...body, service })).body).toMatchObject({ run: answer.run, decision: 'cancelled', phase: 'cancelled' });
  });

  it('comes when there is a decision, where the caller waits', async () => {
    const service = nextService();
    const first = await post({ ...body, service });
    const waiting = post({ ...body, service, wait: '20s' });
    await look(first, {});
    await look(first, rollback);
    expect((await waiting).body).toMatchObject({ decision: 'rollback', phase: 'finished' });
  });

  it('is 503 only while it is undecided', async () => {
    lines = [];
    const service = nextService();
    const first = await post({ ...body, service, pending: '503' });
    expect([first.status, first.headers.get('retry-after'), first.body]).toEqual([503, '15', { ...shape, decision: 'hold' }]);
    await look(first, heldForGood);
    expect((await post({ ...body, service, pending: '503' })).status).toBe(200);
    const pending = lines.filter((line) => line.includes('"statusCode":503'));
    expect(pending.map((line) => JSON.parse(line).level)).toEqual(['debug']); // asked for, and repeated every few seconds
  });

  it('to calls at the same moment is about one run, and a key has a run of its own', async () => {
    const service = nextService();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post({ ...body, service })));
    expect(new Set(answers.map((answer) => answer.body.run)).size).toBe(1);
    await look(answers[0] as Answer, promote);
    const next = await post({ ...body, service, key: 'step-2' });
    expect(next.body).toMatchObject({ decision: 'hold', phase: 'running' });
    expect((await post({ ...body, service })).body.decision).toBe('promote');
  });

  it('about a step follows the declared weight', async () => {
    const service = nextService();
    const first = await post({ ...body, service, weight: '0.2' });
    await look(first, { decision: 'promote', code: 'phase-safe' });
    expect((await post({ ...body, service, weight: 0.2 })).body.decision).toBe('promote');
    expect((await post({ ...body, service })).body.decision).toBe('hold');
    await look(first, { decision: 'promote', code: 'phase-safe', elapsedSeconds: 0 });
    expect((await post({ ...body, service, weight: 0.5 })).body.decision).toBe('hold'); // it was safe at the weight before
    const run = await api.get(RunStore).get(first.body.run);
    expect(run.phaseChanges.map(({ weight }) => weight)).toEqual([0.2, 0.5]);
  });

  it.each([
    [{ ...body }, 400], // the template's argument is missing
    [{ ...body, service: 'a', canary: '1' }, 400],
    [{ ...body, service: 'a', unknown: 1 }, 400],
    [{ ...body, service: 'a', wait: '30s' }, 400],
    [{ ...body, service: 'a', weight: '20%' }, 400],
    [{ ...body, service: 'a', weight: 20 }, 400],
    [{ ...body, service: 'a', pending: '404' }, 400],
    [{ ...body, service: 'a', template: 'nobody-knows' }, 404],
  ])('to %j is refused with %d', async (asked, status) => {
    expect((await post(asked)).status).toBe(status);
  });
});
