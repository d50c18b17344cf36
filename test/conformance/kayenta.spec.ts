import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Run } from '../../src/domain/index.js';
import { RunStore } from '../../src/storage/index.js';
import { type Answer, TestApi } from '../support/api.js';
import { type ArgoKayenta, ArgoKayentaClient } from '../support/argo-kayenta-client.js';
import { finalVerdicts, kayentaConfig, kayentaScopes, sequential, unique } from '../support/kayenta-config.js';
import { orcaStage, readOrcaExecution } from '../support/orca-execution.js';
import { sampleEvidence } from '../support/sample-run.js';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
}, 60_000);
afterAll(() => api.stop());

async function created(config: object): Promise<string> {
  const { status, body } = await api.post('/kayenta/canaryConfig', config);
  expect([status, body.message]).toEqual([200, undefined]);
  return body.canaryConfigId;
}

const startBody = (change: object = {}): object => ({ scopes: kayentaScopes(), thresholds: { pass: 90, marginal: 70 }, ...change });

async function started(configId: string, application = unique('app'), body: object = startBody()): Promise<Run> {
  const answer = await api.post(`/kayenta/canary/${configId}?application=${application}&metricsAccountName=&storageAccountName=s`, body);
  expect([answer.status, answer.body.message]).toEqual([200, undefined]);
  return api.get(RunStore).get(answer.body.canaryExecutionId);
}

const execution = (id: string): Promise<Answer> => api.ask(`/kayenta/canary/${id}`);

describe("K1: Argo Rollouts' kayenta provider", () => {
  async function argo(change: Partial<ArgoKayenta> = {}): Promise<ArgoKayentaClient> {
    const [name, application] = [unique('golden'), unique('app')];
    await created(sequential({ name, applications: [application] }));
    return new ArgoKayentaClient({
      address: `${api.url}/kayenta`,
      application,
      canaryConfigName: name,
      metricsAccountName: '',
      storageAccountName: 'gcs',
      configurationAccountName: 'not-sent',
      threshold: { pass: 90, marginal: 70 },
      scopes: kayentaScopes(),
      ...change,
    });
  }

  it.each([
    ['promote', 'Successful', '100'],
    ['hold', 'Inconclusive', '80'],
    ['rollback', 'Failed', '0'],
  ] as const)('reads %s as %s, after it was running', async (decision, phase, value) => {
    const client = await argo();
    const measurement = await client.run();
    expect(measurement).toMatchObject({ phase: 'Running', execution: expect.stringMatching(/^run_/) });
    expect(await client.resume(measurement)).toMatchObject({ phase: 'Running' });
    const run = await api.get(RunStore).get(measurement.execution);
    const looked = await api.look(run, { decision: 'hold', final: false });
    expect(await client.resume(measurement)).toMatchObject({ phase: 'Running' });
    await api.look(looked, finalVerdicts[decision]);
    expect(await client.resume(measurement)).toMatchObject({ phase, value });
  });

  it('never ends successfully without a promote: sixty looks that hold, then the deadline', async () => {
    const client = await argo();
    const measurement = await client.run();
    let run = await api.get(RunStore).get(measurement.execution);
    for (let look = 0; look < 60; look++) {
      run = await api.look(run, { decision: look % 7 === 3 ? 'promote' : 'hold', final: false, score: 99 });
      expect((await client.resume(measurement)).phase).toBe('Running');
    }
    await api.look(run, finalVerdicts.hold);
    expect((await client.resume(measurement)).phase).toBe('Inconclusive');
  });

  it('takes another look at the same run while it is open, and a new run after that', async () => {
    const client = await argo();
    const [first, second, third] = [await client.run(), await client.run(), await client.run()];
    expect([second.execution, third.execution]).toEqual([first.execution, first.execution]);
    await api.look(await api.get(RunStore).get(first.execution), finalVerdicts.promote);
    expect((await client.run()).execution).not.toBe(first.execution);
  });

  it('starts one run when it asks many times at once', async () => {
    const client = await argo();
    const all = await Promise.all(Array.from({ length: 12 }, () => client.run()));
    expect(new Set(all.map(({ execution: id }) => id)).size).toBe(1);
  });

  it('is told of an error, never of a success, where there is nothing to judge', async () => {
    const nameless = await argo({ canaryConfigName: 'unknown' });
    expect(await nameless.run()).toMatchObject({ phase: 'Error', message: 'Canary Configuration not found' });
    const selfish = await argo({ scopes: kayentaScopes({ experiment: { scope: '1.4.2' } }) });
    expect((await selfish.run()).message).toContain('give the same query');
    const narrow = await argo({ threshold: { pass: 70, marginal: 70 } });
    expect((await narrow.run()).message).toContain('by 2 or more');
    const client = await argo();
    const lost = { phase: 'Running', value: '', message: '' } as const;
    expect((await client.resume({ ...lost, execution: '<nil>' })).phase).toBe('Error');
    expect((await client.resume({ ...lost, execution: 'run_00000000000000000000' })).phase).toBe('Error');
  });

  it('reads a cancelled run as an error, which aborts the analysis after some', async () => {
    const client = await argo();
    const measurement = await client.run();
    await api.post(`/v1/runs/${measurement.execution}/cancel`, {});
    expect((await client.resume(measurement)).phase).toBe('Error');
  });

  it('shows no run of another kind', async () => {
    const run = { template: 'http-service', arguments: { service: 'checkout' }, baseline: '1', canary: '2' };
    const { body } = await api.post('/v1/runs', run);
    expect((await execution(body.id)).status).toBe(404);
  });
});

describe('K1: tokens', () => {
  let guarded: TestApi;
  const lines: string[] = [];
  beforeAll(async () => {
    guarded = await TestApi.start({ tokens: true, log: { write: (line: string) => void lines.push(line) } });
  }, 60_000);
  afterAll(() => guarded.stop());

  it('come as user information of the address, or in the path, and nowhere else', async () => {
    const { author = '', deployer = '', viewer = '' } = guarded.tokens;
    const config = sequential({ applications: ['shop'] }) as { name: string };
    expect((await guarded.post('/kayenta/canaryConfig', config, { token: author })).status).toBe(200);
    const client = (address: string): ArgoKayentaClient =>
      new ArgoKayentaClient({
        address,
        application: 'shop',
        canaryConfigName: config.name,
        metricsAccountName: '',
        storageAccountName: '',
        configurationAccountName: '',
        threshold: { pass: 90, marginal: 70 },
        scopes: kayentaScopes(),
      });
    const withUser = guarded.url.replace('http://', `http://assay:${deployer}@`);
    const phases = [
      await client(`${withUser}/kayenta`).run(),
      await client(`${guarded.url}/kayenta/t/${deployer}`).run(),
      await client(`${guarded.url}/kayenta/t/${viewer}`).run(),
      await client(`${guarded.url}/kayenta/t/unknown`).run(),
      await client(`${guarded.url}/kayenta`).run(),
    ].map(({ phase, message }) => [phase, message.replace(/ \{.*/s, '')]);
    expect(phases).toEqual([
      ['Running', ''],
      ['Running', ''],
      ['Error', 'Invalid Response: HTTP 403'],
      ['Error', 'Invalid Response: HTTP 401'],
      ['Error', 'Invalid Response: HTTP 401'],
    ]);
  });

  it('are in no log and in no error, wherever they came', async () => {
    const { viewer = '' } = guarded.tokens;
    const asked = ['canaryConfig', 'canary/run_00000000000000000000', 'no-such-route', 'canary/%ff'];
    const answers = await Promise.all(asked.map((path) => guarded.ask(`/kayenta/t/${viewer}/${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 400]);
    expect(JSON.stringify(answers.map(({ body, headers }) => [body, [...headers]]))).not.toContain(viewer);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toContain(viewer);
  });
});

describe('K2: Spinnaker Orca', () => {
  const thresholds = { pass: 90, marginal: 70 };

  it.each([
    ['promote', 'succeeded', 100, 'Pass', 'SUCCEEDED', 'SUCCEEDED'],
    ['hold', 'succeeded', 80, 'Marginal', 'SUCCEEDED', 'TERMINAL'],
    ['rollback', 'succeeded', 0, 'Fail', 'TERMINAL', 'TERMINAL'],
  ] as const)('finds every field it needs of a %s', async (decision, status, score, classification, early, last) => {
    const run = await started(await created(sequential()));
    expect(readOrcaExecution((await execution(run.id)).body)).toMatchObject({ complete: false, status: 'running', score: null });
    await api.look(run, finalVerdicts[decision]);
    const read = readOrcaExecution((await execution(run.id)).body);
    expect(read).toMatchObject({ complete: true, status, score, classification, warnings: [], exception: null });
    expect([orcaStage(read, thresholds, false), orcaStage(read, thresholds, true)]).toEqual([early, last]);
  });

  it('is given an exception and no result where the source never answered', async () => {
    const run = await started(await created(sequential()));
    const missing = { cause: 'unavailable', policy: 'hold', detail: 'Prometheus did not answer' } as const;
    await api.look(run, {
      decision: 'hold',
      final: true,
      code: 'deadline',
      reason: 'Prometheus did not answer',
      evidence: [sampleEvidence({ missing })],
    });
    const { body } = await execution(run.id);
    expect(readOrcaExecution(body)).toMatchObject({ complete: true, status: 'terminal', score: null });
    expect(body).toMatchObject({ exception: { details: { errors: ['Prometheus did not answer'] } } });
    expect(body.result).toBeUndefined();
  });

  it('holds where there was no data, which is no reason to roll back', async () => {
    const run = await started(await created(sequential()));
    const evidence = sampleEvidence({
      missing: { cause: 'absent', policy: 'hold', detail: 'no series' },
      baseline: { count: 0, value: null },
      canary: { count: 0, value: null },
    });
    await api.look(run, { decision: 'hold', final: true, code: 'no-data', reason: 'no data', evidence: [evidence] });
    const read = readOrcaExecution((await execution(run.id)).body);
    expect(read).toMatchObject({ status: 'succeeded', score: 80, warnings: ['the canary analysis has fewer than 50 data points'] });
  });

  it('cancels, as often as it likes, and is never shown a success', async () => {
    const run = await started(await created(sequential()));
    const cancel = (): Promise<Answer> =>
      api.ask(`/kayenta/pipelines/${run.id}/cancel`, { method: 'PUT', body: '""', headers: { 'content-type': 'application/json' } });
    expect([(await cancel()).body, (await cancel()).body]).toEqual([
      { id: run.id, canceled: true },
      { id: run.id, canceled: false },
    ]);
    expect(readOrcaExecution((await execution(run.id)).body)).toMatchObject({ complete: true, status: 'canceled', score: null });
    expect((await api.ask('/kayenta/pipelines/run_00000000000000000000/cancel', { method: 'PUT' })).status).toBe(404);
  });

  it('polls a minute at one a second for less than one per cent of a core', async () => {
    const run = await started(await created(sequential()));
    await execution(run.id);
    const before = process.cpuUsage();
    for (let second = 0; second < 60; second++) readOrcaExecution((await execution(run.id)).body);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(0.6); // of 60 s, the client's own share included
  });

  it('is told where people read the verdict, and what it had asked', async () => {
    const run = await started(await created(sequential()), 'checkout');
    const { body } = await execution(run.id);
    expect(body).toMatchObject({
      application: 'checkout',
      pipelineId: run.id,
      storageAccountName: 's',
      canaryExecutionRequest: { thresholds },
      assay: { run: run.id, url: `http://assay.example/v1/runs/${run.id}`, decision: 'hold' },
    });
  });

  it('finds accounts and judges, and lists executions newest first', async () => {
    expect((await api.ask('/kayenta/credentials')).body[0]).toMatchObject({ name: 'assay', type: 'prometheus' });
    expect((await api.ask('/kayenta/judges')).body.map(({ name }: { name: string }) => name)).toEqual(['NetflixACAJudge-v1.0', 'Assay-v1']);
    const [application, config] = [unique('app'), await created(sequential())];
    const first = await started(config, application);
    await api.look(first, finalVerdicts.promote);
    const second = await started(config, application);
    const list = async (query: string): Promise<string[]> =>
      (await api.ask(`/kayenta/canary/executions?application=${application}${query}`)).body.map(
        ({ pipelineId }: { pipelineId: string }) => pipelineId,
      );
    expect(await list('')).toEqual([second.id, first.id]);
    expect(await list('&limit=1&page=2')).toEqual([first.id]);
    expect(await list('&statuses=succeeded')).toEqual([first.id]);
    expect((await api.ask('/kayenta/canary/executions?limit=1000')).status).toBe(400);
  });

  it('may bring a config along, which belongs to no application', async () => {
    const { body } = await api.post('/kayenta/canary', { canaryConfig: sequential(), executionRequest: startBody() });
    expect((await execution(body.canaryExecutionId)).body).toMatchObject({ application: 'ad-hoc', canaryConfigId: '' });
  });

  it.each([
    ['nothing', {}, 'scopes must name at least one pair'],
    ['no thresholds', { scopes: kayentaScopes(), thresholds: null }, ''],
    ['a scope of another name', { scopes: { other: kayentaScopes()['default'] } }, "metric 'errors' wants the scope 'default'"],
    ['no end', { scopes: kayentaScopes({ control: { end: 'soon' } }) }, 'end must be a moment'],
    [
      'an end before the start',
      { scopes: kayentaScopes({ control: { end: '2026-02-01T09:00:00Z' }, experiment: { end: '2026-02-01T09:00:00Z' } }) },
      'shorter than one step',
    ],
    ['a step of nothing', { scopes: kayentaScopes({ control: { step: 0 } }) }, 'step must be whole seconds'],
    ['a list', [], 'the body must be an object'],
  ])('is told what is wrong with %s', async (_, body, message) => {
    const config = await created(sequential());
    const answer = await api.post(`/kayenta/canary/${config}?application=x`, body);
    expect(answer.status).toBe(message === '' ? 200 : 400);
    if (message !== '') expect(answer.body.message).toContain(message);
  });

  it('is told of a stretch that is not over', async () => {
    const [start, end] = [-3_600_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const config = await created(kayentaConfig({ name: unique('future') }));
    const body = startBody({ scopes: kayentaScopes({ control: { start, end }, experiment: { start, end } }) });
    const answer = await api.post(`/kayenta/canary/${config}`, body);
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining('in the future')]);
  });
});
