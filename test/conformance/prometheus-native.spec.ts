import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PrometheusSource } from '../../src/sources/index.js';
import { nativeContentType, nativeHistogramPage } from '../support/native-exposition.js';
import { describeWithPrometheus, type PrometheusServer, settingsFor, startPrometheus } from '../support/prometheus.js';
import { byLabel, mean, percentiles } from '../support/prometheus-metrics.js';

describeWithPrometheus('native histograms that a real Prometheus scraped', () => {
  let counts = [4, 0, 6];
  let zeroCount = 1;
  let pages = 0;
  const exporter: Server = createServer((_request, response) => {
    pages += 1;
    response.setHeader('content-type', nativeContentType);
    const sum = counts.reduce((total, count) => total + count, 0) * 0.5;
    response.end(nativeHistogramPage('latency_seconds', { schema: 3, zeroCount, firstIndex: -9, counts, sum }));
  });
  let server: PrometheusServer;

  beforeAll(async () => {
    exporter.listen(0, '127.0.0.1');
    await once(exporter, 'listening');
    const targets = ['1', '2'].map(
      (version) => `{ targets: ['127.0.0.1:${(exporter.address() as AddressInfo).port}'], labels: { version: '${version}' } }`,
    );
    const jobs = targets.map((target, i) => `  - { job_name: shop${i}, static_configs: [${target}] }\n`).join('');
    const config = `global: { scrape_interval: 500ms }\nscrape_configs:\n${jobs}`;
    server = await startPrometheus({ config, flags: ['--enable-feature=native-histograms'] });
    for (let attempt = 0; attempt < 200 && pages < 6; attempt++) await sleep(100);
  }, 60_000);
  afterAll(async () => {
    exporter.closeAllConnections();
    exporter.close();
    await server?.stop();
  });

  it('give every observation its bucket', async () => {
    const from = Date.now();
    await sleep(50);
    counts = [5, 2, 9, 3];
    zeroCount = 2;
    const to = from + 2_000;
    await sleep(2_300);
    const request = {
      metrics: [percentiles('latency_seconds'), mean('latency_seconds')],
      cohorts: byLabel('version', '1', '2'),
      by: 'version',
      pod: null,
    };
    const source = new PrometheusSource(settingsFor(server.url, { scrapeIntervalSeconds: 1 }));
    const { measurements } = await source.readWindows({ ...request, slices: [{ from, to }] }, AbortSignal.timeout(10_000));
    // Prometheus' bucket -9 ends at 2^(-9/8); ours of that index begins there, so the same bucket is -10.
    const histogram = { kind: 'exponential', scale: 3, zeroCount: 1, offset: -10, counts: [1, 2, 3, 3] };
    expect(measurements[0]?.[0]).toMatchObject({
      metric: 'latency',
      baseline: { kind: 'distribution', histogram },
      canary: { kind: 'distribution', histogram },
      warnings: [],
    });
    expect(measurements[0]?.[1]?.canary).toMatchObject({ kind: 'moments', count: 10, mean: 0.45 });
  }, 30_000);
});
