import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithPrometheus, type PrometheusServer, startPrometheus } from '../support/prometheus.js';
import { ServerProcess } from '../support/server-process.js';

/** Two scrapes fit into a window; `patient` watches long enough for Prometheus to die on the way. */
const templateOf = (name: string, minDuration: string): string => `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: ${name} }
spec:
  cohorts: { by: version }
  schedule: { window: 3s, lateness: 1500ms, warmup: 3s, minDuration: ${minDuration}, minSamples: 300, deadline: 3m, staleAfter: 15s }
  metrics:
    - name: error-rate
      role: critical
      source: prometheus
      proportion: { of: 'shop_requests_total{job="shop"}', events: 'shop_requests_total{job="shop", code="500"}' }
      margin: { absolute: 0.008 }
    - name: latency
      role: critical
      source: prometheus
      percentiles: { of: 'shop_duration_seconds{job="shop"}', at: [0.5] }
      margin: { relative: 0.3 }
`;

const shops: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'assay-live-'));

describeWithPrometheus('releases that a real Prometheus scrapes', () => {
  let prometheus: PrometheusServer;
  let server: ServerProcess;

  beforeAll(async () => {
    const targets = await Promise.all([startShop('1.0', 0.002), startShop('1.1', 0.002), startShop('1.2', 0.02)]);
    const config = `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: shop\n    static_configs:\n${targets.join('')}`;
    writeFileSync(join(folder, 'brisk.yaml'), templateOf('brisk', '9s'));
    writeFileSync(join(folder, 'patient.yaml'), templateOf('patient', '42s'));
    prometheus = await startPrometheus({ config });
    server = await ServerProcess.start({
      ASSAY_TEMPLATES: folder,
      ASSAY_PROMETHEUS_URL: prometheus.url,
      ASSAY_PROMETHEUS_SCRAPE_INTERVAL: '1s',
      ASSAY_PROMETHEUS_TIMEOUT: '2s',
    });
    await allAreScraped();
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await prometheus?.stop();
    for (const shop of shops) shop.kill();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  /** @returns its entry in the configuration of Prometheus */
  async function startShop(version: string, errors: number): Promise<string> {
    const shop = spawn(process.execPath, [resolve('test/support/scraped-shop.mjs'), String(errors)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    shops.push(shop);
    const [port] = (await once(shop.stdout, 'data')) as [Buffer];
    return `      - targets: ['127.0.0.1:${port.toString().trim()}']\n        labels: { version: '${version}' }\n`;
  }

  async function allAreScraped(): Promise<void> {
    const question = `${prometheus.url}/api/v1/query?query=${encodeURIComponent(`count(up{job="shop"} == 1) == ${shops.length}`)}`;
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(200)) {
      const { data } = (await (await fetch(question)).json()) as { data: { result: unknown[] } };
      if (data.result.length > 0) return;
    }
    throw new Error('Prometheus did not scrape all shops');
  }

  async function start(template: string, canary: string): Promise<string> {
    const { status, json, text } = await server.post('/v1/runs', { template, baseline: '1.0', canary });
    if (status !== 202) throw new Error(text);
    return json.id;
  }

  async function until(id: string, isReached: (verdict: Spoken) => boolean, withinMs: number): Promise<Spoken> {
    for (const deadline = Date.now() + withinMs; ; await sleep(250)) {
      const { json } = await server.get(`/v1/runs/${id}/verdict`);
      if (isReached(json)) return json;
      if (Date.now() > deadline)
        throw new Error(`waited in vain; the last verdict: ${JSON.stringify(json)}\n${server.output.slice(-2_000)}`);
    }
  }

  it('end in the right verdict, although Prometheus is killed and comes back on the way', async () => {
    const started = Date.now();
    const [bad, healthy, interrupted] = await Promise.all([start('brisk', '1.2'), start('brisk', '1.1'), start('patient', '1.1')]);
    const [rolledBack, promoted] = await Promise.all([until(bad, isFinal, 60_000), until(healthy, isFinal, 60_000)]);
    expect(rolledBack).toMatchObject({ decision: 'rollback', code: 'harm-evidence', state: 'finished' });
    expect(rolledBack.reason).toMatch(/^error-rate: canary \d.* % against 0\.\d+ %, difference between .* pp, margin 0\.8 pp, /);
    expect(promoted).toMatchObject({ decision: 'promote', code: 'all-safe', state: 'finished' });

    await prometheus.kill();
    const killedAfter = (Date.now() - started) / 1000;
    const away = await until(interrupted, ({ code }) => code === 'source-unavailable', 20_000);
    expect(away).toMatchObject({ decision: 'hold', final: false });
    expect(away.reason).toContain('error-rate, latency p50: Prometheus could not be reached (ECONNREFUSED)');
    expect(away.metrics.map(({ missing }) => missing?.cause)).toEqual(['unavailable', 'unavailable']);

    await prometheus.resume();
    const recovered = await until(interrupted, ({ code }) => code !== 'source-unavailable', 45_000);
    expect(['min-duration', 'insufficient-evidence', 'all-safe']).toContain(recovered.code);
    const end = await until(interrupted, isFinal, 60_000);
    expect(end).toMatchObject({ decision: 'promote', code: 'all-safe', state: 'finished' });
    expect(end.looks).toBeGreaterThan(away.looks);
    process.stdout.write(
      `live Prometheus: rollback after ${rolledBack.elapsedSeconds} s, promote after ${promoted.elapsedSeconds} s; ` +
        `killed after ${killedAfter.toFixed(0)} s, hold at look ${away.looks}, going on at look ${recovered.looks}, promote at look ${end.looks}\n`,
    );
  }, 150_000);
});

interface Spoken {
  readonly decision: string;
  readonly final: boolean;
  readonly state: string;
  readonly code: string;
  readonly reason: string;
  readonly looks: number;
  readonly elapsedSeconds: number;
  readonly metrics: readonly { readonly missing: { readonly cause: string } | null }[];
}

const isFinal = ({ final }: Spoken): boolean => final;
