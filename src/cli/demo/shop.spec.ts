import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Shop, startShop } from './shop.js';
import { releaseOf } from './shop-behaviour.js';
import { type ShopTelemetry, shopTelemetry } from './shop-telemetry.js';

/** A collector that keeps what it is sent. */
const received: { path: string; type: string; bytes: Buffer }[] = [];
const collector = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole;
  received.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '', bytes });
  response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
});
let shop: Shop;
let telemetry: ShopTelemetry;

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  telemetry = shopTelemetry(`http://127.0.0.1:${(collector.address() as AddressInfo).port}`, '1.5.1', 'shop-1.5.1-1');
  shop = await startShop(releaseOf('1.5.1'), telemetry, () => 0.001); // every die falls on an error, and fast
});

afterAll(() => {
  collector.close();
  collector.closeAllConnections();
});

describe('one pod of the shop', () => {
  it('serves, and sends spans and metrics with the SDK to the collector', async () => {
    const statuses = [
      (await fetch(`${shop.url}/checkout`, { method: 'POST' })).status,
      (await fetch(`${shop.url}/products/7?x=1`)).status,
      (await fetch(`${shop.url}/nowhere`)).status,
    ];
    await shop.close();
    await telemetry.close();
    expect(statuses).toEqual([503, 503, 404]);

    const traces = received.filter(({ path }) => path === '/v1/traces');
    expect(traces.map(({ type }) => type)).toContain('application/x-protobuf');
    const said = Buffer.concat(traces.map(({ bytes }) => bytes)).toString('latin1');
    for (const text of ['service.version', '1.5.1', 'k8s.pod.name', 'shop-1.5.1-1', 'http.route', '/products/:id', 'POST /payments']) {
      expect(said).toContain(text);
    }
    const metrics = received.filter(({ path }) => path === '/v1/metrics').map(({ bytes }) => bytes.toString('latin1'));
    expect(metrics.join()).toContain('http.server.request.duration');
  });
});
