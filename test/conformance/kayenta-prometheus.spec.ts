import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LookScheduler } from '../../src/analysis/index.js';
import { TestApi } from '../support/api.js';
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
    for (const deadline = Date.now() + 50_000; measurement.phase === 'Running' && Date.now() < deadline; await sleep(100)) {
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
    expect(body.result.judgeResult.groupScores.map(({ name, score }: { name: string; score: number }) => [name, score])).toEqual([
      ['errors', 0],
      ['latency', 100],
    ]);
  });

  it('holds a canary of which there is no critical data', async () => {
    expect(await measured(argo('9.9.9'))).toMatchObject({ phase: 'Inconclusive', value: '80' });
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
