import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunStore } from '../../src/storage/index.js';
import { type Answer, TestApi } from '../support/api.js';
import { finalVerdicts, kayentaConfig, sequential, unique } from '../support/kayenta-config.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
}, 60_000);
afterAll(() => api.stop());

describe('standalone analyses', () => {
  const scope = { controlScope: '1.4.2', controlLocation: 'eu-1', experimentScope: '1.5.0', experimentLocation: 'eu-1' };
  const analysis = (change: object = {}): object => ({
    scopes: [scope],
    thresholds: { pass: 90, marginal: 70 },
    lifetimeDurationMins: 60,
    analysisIntervalMins: 10,
    ...change,
  });

  it('wait for their first interval', async () => {
    const config = kayentaConfig({ name: unique('standalone') });
    const { body } = await api.post('/kayenta/standalone_canary_analysis', { canaryConfig: config, executionRequest: analysis() });
    const { status, body: answer } = await api.ask(`/kayenta/standalone_canary_analysis/${body.canaryAnalysisExecutionId}`);
    expect([status, answer.complete, answer.status, answer.stageStatus.length]).toEqual([200, false, 'running', 6]);
    expect(new Set(answer.stageStatus.map((stage: { status: string }) => stage.status))).toEqual(new Set(['not_started']));
  });

  it("are one run of Assay's own judge, which lasts as long as the analysis", async () => {
    const started = await api.post('/kayenta/standalone_canary_analysis', { canaryConfig: sequential(), executionRequest: analysis() });
    const ask = async (): Promise<Answer['body']> =>
      (await api.ask(`/kayenta/standalone_canary_analysis/${started.body.canaryAnalysisExecutionId}`)).body;
    const answers = await Promise.all([ask(), ask(), ask()]);
    const ids = answers.map(({ stageStatus }) => stageStatus[0].executionId);
    expect(new Set(ids).size).toBe(1);
    const run = await api.get(RunStore).get(ids[0]);
    expect(run.template.schedule.deadlineSeconds).toBe(3600);
    await api.look(run, finalVerdicts.promote);
    expect(await ask()).toMatchObject({ complete: true, status: 'succeeded', canaryAnalysisExecutionResult: { didPassThresholds: true } });
  });

  it('end without a result where their run was cancelled', async () => {
    const started = await api.post('/kayenta/standalone_canary_analysis', { canaryConfig: sequential(), executionRequest: analysis() });
    const path = `/kayenta/standalone_canary_analysis/${started.body.canaryAnalysisExecutionId}`;
    const [stage] = (await api.ask(path)).body.stageStatus;
    await api.post(`/v1/runs/${stage.executionId}/cancel`, {});
    const { body } = await api.ask(path);
    expect(body).toMatchObject({ complete: true, status: 'canceled', canaryAnalysisExecutionResult: { didPassThresholds: false } });
  });

  it.each([
    ['no scope', { scopes: [] }, 'scopes must name at least one scope'],
    ['no lifetime', { lifetimeDurationMins: 0 }, 'must give at least a minute'],
    ['a control of another time', { scopes: [{ ...scope, controlOffsetInMinutes: 60 }] }, 'controlOffsetInMinutes is not supported'],
    ['equal scopes', { scopes: [{ ...scope, experimentScope: '1.4.2' }] }, 'give the same query'],
    ['no thresholds between which to hold', { thresholds: { pass: 70, marginal: 70 } }, 'by 2 or more'],
    ['a start that is no moment', { scopes: [{ ...scope, startTimeIso: 'noon' }] }, 'startTimeIso must be a moment'],
  ])('are refused with %s', async (_, change, message) => {
    const asked = { canaryConfig: sequential(), executionRequest: analysis(change) };
    const { status, body } = await api.post('/kayenta/standalone_canary_analysis', asked);
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  it('are not found where there are none', async () => {
    expect((await api.ask('/kayenta/standalone_canary_analysis/sca_unknown')).status).toBe(404);
  });
});
