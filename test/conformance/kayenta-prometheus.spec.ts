import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { LookScheduler } from '../../src/analysis/index.js';
import { type Answer, TestApi } from '../support/api.js';
import { ArgoKayentaClient, type ArgoMeasurement } from '../support/argo-kayenta-client.js';
import { kayentaConfig, kayentaMetric, kayentaScopes } from '../support/kayenta-config.js';
import { readOrcaExecution } from '../support/orca-execution.js';
import {
  describeWithPrometheus,
  type PastSeries,
  type PrometheusServer,
  settingsFor,
  startPrometheus,
  writeOpenMetrics,
} from '../support/prometheus.js';

/** Sixty looks on a busy machine. */
const patienceMs = 100_000;
jest.setTimeout(2 * patienceMs);

const [minutes, stepMs, scrapeMs] = [61, 60_000, 15_000];
const start = Date.UTC(2026, 1, 1, 10);
const versions = { '1.4.2': 1, '1.5.0': 1, '1.6.0': 3 } as const;

/** Scraped every 15 s, from five minutes before the stretch: a counter of errors, and a level of latency. */
function seriesOf(version: string, errors: number): PastSeries[] {
  const scrapes = Array.from({ length: (minutes + 5) * 4 }, (_, i) => start - 5 * stepMs + i * scrapeMs);
  const labels = { version, region: 'eu-1' };
  const levels = scrapes.map((at, i) => [at, 0.2 + 0.01 * ((i * 13 + version.length * i) % 17)] as const);
  const counts = scrapes.map((at, i) => [at, errors * (10 * i + ((i * 7) % 11))] as const);
  return [
    { name: 'http_requests_total', labels: { ...labels, code: '500' }, samples: counts },
    { name: 'latency_seconds', labels: { ...labels, pod: 'a' }, samples: levels },
    { name: 'latency_seconds', labels: { ...labels, pod: 'b' }, samples: levels },
  ];
}

describeWithPrometheus("Kayenta's queries, asked of a real Prometheus", () => {
  let prometheus: PrometheusServer;
  let api: TestApi;

  beforeAll(async () => {
    const past = Object.entries(versions).flatMap(([version, errors]) => seriesOf(version, errors));
    prometheus = await startPrometheus({ openMetrics: writeOpenMetrics(past) });
    api = await TestApi.start({ settings: { prometheus: settingsFor(prometheus.url).prometheus } });
    api.get(LookScheduler).start({ closedThrough: () => Date.now(), isOpenWithin: () => false, onClosed: () => () => undefined });
    await api.post('/kayenta/canaryConfig', kayentaConfig());
  }, 120_000);
  afterAll(async () => {
    await api?.get(LookScheduler).stop();
    await api?.stop();
    await prometheus?.stop();
  }, 60_000);

  function argo(canary: string, change: { name?: string; control?: object } = {}): ArgoKayentaClient {
    return new ArgoKayentaClient({
      address: `${api.url}/kayenta`,
      application: 'checkout',
      canaryConfigName: change.name ?? 'checkout-golden',
      metricsAccountName: '',
      storageAccountName: '',
      configurationAccountName: '',
      threshold: { pass: 90, marginal: 70 },
      scopes: kayentaScopes({ control: change.control ?? {}, experiment: { scope: canary } }),
    });
  }

  /** As Argo's controller does, only more often. */
  async function measured(client: ArgoKayentaClient): Promise<ArgoMeasurement> {
    let measurement = await client.run();
    for (const deadline = Date.now() + patienceMs; measurement.phase === 'Running' && Date.now() < deadline; await sleep(100)) {
      measurement = await client.resume(measurement);
    }
    return measurement;
  }

  it("judges a stretch once, with Kayenta's score", async () => {
    const [healthy, harmful] = [await measured(argo('1.5.0')), await measured(argo('1.6.0'))];
    expect([healthy.phase, healthy.value, harmful.phase, harmful.value]).toEqual(['Successful', '100', 'Failed', '0']);
    const { body } = await api.ask(`/kayenta/canary/${harmful.execution}`);
    expect(readOrcaExecution(body)).toMatchObject({ complete: true, score: 0, classification: 'Fail' });
    const [errors, latency] = body.result.judgeResult.results;
    expect([errors.classification, errors.critical, latency.classification]).toEqual(['High', true, 'Pass']);
    expect(errors.resultMetadata.ratio).toBeCloseTo(3, 1);
    expect(errors.controlMetadata.stats.count).toBeGreaterThanOrEqual(59);
    const pairs = await api.ask(`/kayenta/metricSetPairList/${body.metricSetPairListId}`);
    const [first] = pairs.body;
    expect(pairs.body.map(({ id, name }: { id: string; name: string }) => [id, name])).toEqual([
      [errors.id, 'errors'],
      [latency.id, 'latency'],
    ]);
    expect([first.values.control.length, first.values.experiment.length]).toEqual([60, 60]);
    expect(first.values.experiment[0] / first.values.control[0]).toBeCloseTo(3, 1);
    expect(first.scopes.control).toEqual({ startTimeIso: '2026-02-01T10:00:00.000Z', startTimeMillis: start, stepMillis: 60_000 });
    expect(first.attributes.experiment.query).toBe('sum(rate(http_requests_total{code="500",version="1.6.0",region="eu-1"}[1m]))');
    expect((await api.ask(`/kayenta/metricSetPairList/${body.metricSetPairListId}/${latency.id}`)).body.name).toBe('latency');
    expect((await api.ask(`/kayenta/metricSetPairList/${body.metricSetPairListId}/m9`)).status).toBe(404);
    expect(body.result.judgeResult.groupScores.map(({ name, score }: { name: string; score: number }) => [name, score])).toEqual([
      ['errors', 0],
      ['latency', 100],
    ]);
  });

  it('holds a canary of which there is no critical data, and shows that there is none', async () => {
    const measurement = await measured(argo('9.9.9'));
    expect(measurement).toMatchObject({ phase: 'Inconclusive', value: '80' });
    const [pair] = (await api.ask(`/kayenta/metricSetPairList/${measurement.execution}`)).body;
    expect(new Set(pair.values.experiment)).toEqual(new Set(['NaN']));
  });

  /** As Referee does: asked until it is complete. */
  async function analysed(canary: string, change: object = {}, config = 'checkout-golden'): Promise<Answer['body']> {
    const { body: list } = await api.ask('/kayenta/canaryConfig');
    const { id } = list.find(({ name }: { name: string }) => name === config);
    const scope = {
      scopeName: 'default',
      controlScope: '1.4.2',
      controlLocation: 'eu-1',
      experimentScope: canary,
      experimentLocation: 'eu-1',
    };
    const { body: started } = await api.post(`/kayenta/standalone_canary_analysis/${id}?application=checkout&user=ann`, {
      scopes: [{ ...scope, startTimeIso: '2026-02-01T10:00:00Z', step: 60 }],
      thresholds: { pass: 90, marginal: 70 },
      lifetimeDurationMins: 60,
      analysisIntervalMins: 20,
      ...change,
    });
    expect(started.message).toBeUndefined();
    for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(50)) {
      const { body } = await api.ask(`/kayenta/standalone_canary_analysis/${started.canaryAnalysisExecutionId}`);
      if (body.complete) return body;
      expect([body.status, body.canaryAnalysisExecutionResult]).toEqual(['running', undefined]);
    }
    throw new Error('the analysis is not complete');
  }

  it('judges a standalone analysis interval by interval, each with more of the past', async () => {
    const { status, stageStatus, canaryAnalysisExecutionResult: result } = await analysed('1.5.0');
    expect(status).toBe('succeeded');
    expect(stageStatus.map((stage: { name: string; status: string }) => [stage.name, stage.status])).toEqual(
      [1, 2, 3].map((interval) => [`Run Canary #${interval}`, 'succeeded']),
    );
    expect(result).toMatchObject({ didPassThresholds: true, hasWarnings: true, canaryScores: [100, 100, 100] });
    expect(result.canaryScoreMessage).toBe('final canary score 100 met or exceeded the pass score 90');
    const counts = result.canaryExecutionResults.map(
      (each: Answer['body']) => each.result.judgeResult.results[0].controlMetadata.stats.count,
    );
    expect(counts).toEqual([20, 40, 60]);
  });

  it('looks back over the last minutes only, where it is told to', async () => {
    const { canaryAnalysisExecutionResult: result } = await analysed('1.5.0', { lookbackMins: 25 });
    const counts = result.canaryExecutionResults.map(
      (each: Answer['body']) => each.result.judgeResult.results[0].controlMetadata.stats.count,
    );
    expect(counts).toEqual([20, 25, 25]);
  });

  it('ends a standalone analysis at the first interval that fails, and does not pass one that holds at the end', async () => {
    const harmful = await analysed('1.6.0');
    expect([harmful.status, harmful.canaryAnalysisExecutionResult.canaryScores]).toEqual(['terminal', [0]]);
    expect(harmful.stageStatus.map((stage: { status: string }) => stage.status)).toEqual(['succeeded', 'not_started', 'not_started']);
    const silent = await analysed('9.9.9');
    expect([silent.status, silent.canaryAnalysisExecutionResult.canaryScores]).toEqual(['terminal', [80, 80, 80]]);
    expect(silent.canaryAnalysisExecutionResult.didPassThresholds).toBe(false);
  });

  it("follows the rollout with Assay's own judge, and rolls back on harm", async () => {
    const metric = kayentaMetric('errors', 'PromQL:sum(rate(http_requests_total{code="500",version="${scope}"}[1m]))', {
      canary: { direction: 'increase', critical: true, effectSize: { allowedIncrease: 1.25 } },
    });
    const config = kayentaConfig({ name: 'followed', judge: { name: 'Assay-v1' }, metrics: [metric] });
    expect((await api.post('/kayenta/canaryConfig', config)).status).toBe(200);
    expect(await measured(argo('1.6.0', { name: 'followed' }))).toMatchObject({ phase: 'Failed', value: '0' });
    expect((await measured(argo('1.5.0', { name: 'followed' }))).phase).not.toBe('Failed');
  });

  it('holds or errs, and never succeeds, where Prometheus refuses the query', async () => {
    const metric = kayentaMetric('errors', 'PromQL:no_such_function(http_requests_total{version="${scope}"})', {
      canary: { critical: true },
    });
    await api.post('/kayenta/canaryConfig', kayentaConfig({ name: 'refused', metrics: [metric], classifier: {} }));
    const { phase, execution } = await measured(argo('1.5.0', { name: 'refused' }));
    expect(['Error', 'Inconclusive']).toContain(phase);
    const { body } = await api.ask(`/kayenta/canary/${execution}`);
    expect(body.assay.decision).toBe('hold');
  });
});
