import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Measurement } from '../../src/domain/index.js';
import { PrometheusSource } from '../../src/sources/index.js';
import { describeWithPrometheus, type PrometheusServer, settingsFor, startPrometheus } from '../support/prometheus.js';
import { byLabel, proportion } from '../support/prometheus-metrics.js';

/** A process that is scraped. Like real clients it exposes an error counter from its first error on. */
class Exporter {
  requests = 0;
  errors = 0;
  private readonly server: Server = createServer((_request, response) => {
    const failed = this.errors === 0 ? '' : `shop_requests_total{code="500"} ${this.errors}\n`;
    response.end(`shop_requests_total{code="200"} ${this.requests - this.errors}\n${failed}`);
  });

  async start(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  serve(requests: number, errors = 0): void {
    this.requests += requests;
    this.errors += errors;
  }

  restart(): void {
    this.requests = 0;
    this.errors = 0;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Room for two scrapes. How long a window really is depends on how busy this machine is. */
const shortestMs = 2_500;

describeWithPrometheus('live looks at two processes that a real Prometheus scrapes', () => {
  const [old, fresh] = [new Exporter(), new Exporter()];
  let config = '';
  let server: PrometheusServer;
  let source: PrometheusSource;
  let edge = 0;

  beforeAll(async () => {
    const target = (port: number, version: string) => `      - targets: ['127.0.0.1:${port}']\n        labels: { version: '${version}' }\n`;
    const targets = target(await old.start(), '1') + target(await fresh.start(), '2');
    config = `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: shop\n    static_configs:\n${targets}`;
    server = await startPrometheus({ config });
    source = new PrometheusSource(settingsFor(server.url, { scrapeIntervalSeconds: 1, timeoutMs: 20_000 }));
    edge = await whenShown(served());
  }, 120_000);
  afterAll(async () => {
    old.stop();
    fresh.stop();
    await server?.stop();
  });

  /** A moment at which Prometheus shows these values, and not those of an earlier scrape. */
  async function whenShown(expected: Readonly<Record<string, number>>): Promise<number> {
    let shown: Record<string, number> = {};
    for (const deadline = Date.now() + 45_000; Date.now() < deadline; await sleep(100)) {
      const at = Math.max(Date.now(), edge + shortestMs);
      if (at > Date.now()) continue;
      shown = await valuesAt(at);
      if (isDeepStrictEqual(shown, expected)) return at;
    }
    throw new Error(`Prometheus shows ${JSON.stringify(shown)} and not ${JSON.stringify(expected)}`);
  }

  async function valuesAt(at: number): Promise<Record<string, number>> {
    const question = encodeURIComponent('sum by (version) (shop_requests_total)');
    const answer = await fetch(`${server.url}/api/v1/query?query=${question}&time=${at / 1000}`);
    const { data } = (await answer.json()) as { data: { result: { metric: { version: string }; value: [number, string] }[] } };
    return Object.fromEntries(data.result.map(({ metric: { version }, value: [, value] }) => [version, Number(value)]));
  }

  const served = () => ({ 1: old.requests, 2: fresh.requests });

  /** Looks at the window from the end of the one before to this moment. */
  async function look(to: number): Promise<Measurement> {
    const from = edge;
    edge = to;
    const request = {
      metrics: [proportion('shop_requests_total{code="500"}', 'shop_requests_total')],
      cohorts: byLabel('version', '1', '2'),
      by: 'version',
      pod: null,
      slices: [{ from, to }],
    };
    const { measurements } = await source.readWindows(request, AbortSignal.timeout(30_000));
    return measurements[0]?.[0] as Measurement;
  }

  it('counts every request once, from the first error on, and over a restart', async () => {
    old.serve(1_000, 3);
    fresh.serve(200, 40);
    const first = await look(await whenShown(served()));
    expect(first.baseline).toMatchObject({ kind: 'counts', total: 1_000, events: 3 });
    expect(first.canary).toMatchObject({ kind: 'counts', total: 200, events: 40 });

    fresh.restart();
    fresh.serve(17, 2);
    const second = await look(await whenShown(served()));
    expect(second.baseline).toMatchObject({ kind: 'counts', total: 0, events: 0 });
    expect(second.canary).toMatchObject({ kind: 'counts', total: 17, events: 2 });
    expect(second.warnings).toEqual([]);
  }, 120_000);

  it('knows nothing while Prometheus is away, and goes on when it is back', async () => {
    const port = Number(new URL(server.url).port);
    await server.stop();
    const away = await look(edge + shortestMs);
    expect(away.canary).toMatchObject({ kind: 'gap', cause: 'unavailable', detail: 'Prometheus could not be reached (ECONNREFUSED)' });

    server = await startPrometheus({ config, port });
    edge = await whenShown(served());
    old.serve(50, 1);
    fresh.serve(60);
    const back = await look(await whenShown(served()));
    expect(back.baseline).toMatchObject({ kind: 'counts', total: 50, events: 1 });
    expect(back.canary).toMatchObject({ kind: 'counts', total: 60, events: 0 });
  }, 120_000);

  it('finds no series of a process that is gone', async () => {
    fresh.stop();
    edge = await whenShown({ 1: old.requests });
    const gone = await look(await whenShown({ 1: old.requests }));
    expect(gone.canary).toMatchObject({ kind: 'gap', cause: 'absent' });
    expect(gone.baseline).toMatchObject({ kind: 'counts', total: 0 });
  }, 120_000);
});
