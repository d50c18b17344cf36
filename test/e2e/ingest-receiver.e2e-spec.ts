import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from '../../src/domain/index.js';
import { IngestServer } from '../../src/ingest/index.js';
import { type Database } from '../../src/storage/index.js';
import { type IngestUnderTest, post, quickPlan, startIngest, until } from '../support/otlp-ingest.js';
import { decodeOtlp, encodeOtlp } from '../support/otlp-proto.js';
import { metricsOf, tracesOf } from '../support/otlp-samples.js';
import { openMemoryStore, patienceMs } from '../support/stores.js';

const protobuf = { 'content-type': 'application/x-protobuf' };
const json = { 'content-type': 'application/json' };
const shop = { 'service.name': 'shop' };
const folder = mkdtempSync(join(tmpdir(), 'assay-ingest-'));
const publicSample = (name: string): Buffer => readFileSync(new URL(`../golden/otlp-examples/${name}.json`, import.meta.url));

const manyHeaders = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, '1']));

let database: Database;
let ingest: IngestUnderTest;

beforeAll(async () => {
  database = await openMemoryStore();
}, patienceMs);
afterEach(() => ingest.stop());
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const start = async (options: Parameters<typeof startIngest>[2] = {}): Promise<void> => {
  ingest = await startIngest(IngestServer, database, options);
};

describe('The OTLP/HTTP receiver', () => {
  const now = Date.now();
  const body = (): Buffer => Buffer.from(encodeOtlp('Traces', tracesOf(shop, [{ endMs: Date.now() }])));
  const text = (): string => JSON.stringify(tracesOf(shop, [{ endMs: Date.now() }]));

  it.each<[string, number, string, () => Buffer | string, Record<string, string>]>([
    ['protobuf', 200, '/v1/traces', body, protobuf],
    ['JSON', 200, '/v1/traces', text, json],
    ['JSON with a character set', 200, '/v1/traces', text, { 'content-type': 'application/JSON; charset=utf-8' }],
    ['gzip', 200, '/v1/traces', () => gzipSync(body()), { ...protobuf, 'content-encoding': 'gzip' }],
    ['identity', 200, '/v1/traces', body, { ...protobuf, 'content-encoding': 'identity' }],
    ['an empty protobuf request', 200, '/v1/metrics', () => '', protobuf],
    ['an empty JSON request', 200, '/v1/metrics', () => '{}', json],
    ['fields nobody knows', 200, '/v1/traces', () => '{"resourceSpans":[],"new":{"a":[1]}}', json],
    ['logs', 200, '/v1/logs', () => '{"resourceLogs":[]}', json],
    ['no body where JSON is announced', 400, '/v1/traces', () => '', json],
    ['text that is not JSON', 400, '/v1/traces', () => 'hello', json],
    ['bytes that are not protobuf', 400, '/v1/traces', () => 'hello', protobuf],
    ['a request that is cut off', 400, '/v1/traces', () => body().subarray(0, 60), protobuf],
    ['gzip that is cut off', 400, '/v1/traces', () => gzipSync(body()).subarray(0, 40), { ...protobuf, 'content-encoding': 'gzip' }],
    ['gzip that is none', 400, '/v1/traces', body, { ...protobuf, 'content-encoding': 'gzip' }],
    ['JSON nested 100 000 deep', 400, '/v1/traces', () => '['.repeat(100_000), json],
    ['malformed logs', 400, '/v1/logs', () => '{"resourceLogs":1}', json],
    ['another path', 404, '/v1/profiles', body, protobuf],
    ['a path that objects have', 404, '/constructor', body, protobuf],
    ['an unknown content type', 415, '/v1/traces', body, { 'content-type': 'text/plain' }],
    ['no content type', 415, '/v1/traces', body, {}],
    ['an unknown encoding', 415, '/v1/traces', body, { ...protobuf, 'content-encoding': 'br' }],
    ['more than 100 header fields', 431, '/v1/traces', body, { ...protobuf, ...manyHeaders(110) }],
    ['more than 16 KiB of header', 431, '/v1/traces', body, { ...protobuf, long: 'x'.repeat(20_000) }],
  ])('answers %s with %i', async (_, status, path, content, headers) => {
    await start();
    expect((await ingest.post(path, content(), headers)).status).toBe(status);
  });

  it('says which methods there are', async () => {
    await start();
    const { status, headers } = await post(`${ingest.url}/v1/traces`, '', protobuf, 'PUT');
    expect([status, headers['allow']]).toEqual([405, 'POST']);
  });

  it('answers in the encoding of the request', async () => {
    await start();
    const accepted = await ingest.post('/v1/traces', body(), protobuf);
    expect([accepted.headers['content-type'], accepted.body.length]).toEqual(['application/x-protobuf', 0]);
    const malformed = await ingest.post('/v1/traces', 'hello', protobuf);
    expect(decodeOtlp('RpcStatus', malformed.body)).toEqual({ code: 3, message: expect.stringContaining('wire type') });
    const malformedJson = await ingest.post('/v1/traces', 'hello', json);
    expect(JSON.parse(malformedJson.body.toString())).toEqual({ code: 3, message: 'the body is not JSON' });
  });

  it('says how many spans were refused and why, in both encodings', async () => {
    await start();
    const request = tracesOf(shop, [{ endMs: now }, { endMs: now - 7_200_000 }, { endMs: now + 900_000 }, { endMs: now, durationMs: -5 }]);
    const binary = await ingest.post('/v1/traces', encodeOtlp('Traces', request), protobuf);
    const message = '1 bad value, 1 too old, 1 too far in the future';
    expect([binary.status, decodeOtlp('ExportResponse', binary.body)]).toEqual([
      200,
      { partialSuccess: { rejected: '3', errorMessage: message } },
    ]);
    const textual = await ingest.post('/v1/traces', JSON.stringify(request), json);
    expect(JSON.parse(textual.body.toString())).toEqual({ partialSuccess: { rejectedSpans: '3', errorMessage: message } });
  });

  it('says how many points were refused and why', async () => {
    await start();
    const dataPoints = [{ timeUnixNano: `${now}000000`, asInt: '3' }];
    const falling = metricsOf(shop, 'open', { sum: { aggregationTemporality: 1, isMonotonic: false, dataPoints } });
    const reply = await ingest.post('/v1/metrics', JSON.stringify(falling), json);
    expect(JSON.parse(reply.body.toString())).toEqual({
      partialSuccess: { rejectedDataPoints: '1', errorMessage: '1 unsupported kind of metric' },
    });
  });

  it('takes the first 50 000 spans of a request and refuses the rest', async () => {
    await start();
    const request = encodeOtlp('Traces', { resourceSpans: [{ scopeSpans: [{ spans: new Array(50_003).fill(spanNow()) }] }] });
    const reply = await ingest.post('/v1/traces', request, protobuf);
    expect(decodeOtlp('ExportResponse', reply.body)).toEqual({
      partialSuccess: { rejected: '3', errorMessage: '3 too many in one request' },
    });
  });

  it('accepts the public examples as they are: too old by default, taken when the age allows it', async () => {
    await start();
    for (const [name, refused] of [
      ['trace', 'rejectedSpans'],
      ['metrics', 'rejectedDataPoints'],
    ] as const) {
      const path = name === 'trace' ? '/v1/traces' : '/v1/metrics';
      const reply = await ingest.post(path, publicSample(name), json);
      expect([reply.status, JSON.parse(reply.body.toString())]).toEqual([
        200,
        { partialSuccess: { [refused]: name === 'trace' ? '1' : '4', errorMessage: expect.stringContaining('too old') } },
      ]);
    }
    expect((await ingest.post('/v1/logs', publicSample('logs'), json)).status).toBe(200);
    await ingest.stop();

    await start({ otlp: { maxAgeSeconds: 20 * 365 * 86_400 } });
    expect((await ingest.post('/v1/traces', publicSample('trace'), json)).body.toString()).toBe('{}');
    expect((await ingest.post('/v1/metrics', publicSample('metrics'), json)).body.toString()).toBe('{}');
    const windows = await until(
      async () => (await ingest.stored()).filter(({ service }) => service === 'my.service'), // others may have closed as well
      (stored) => stored.length > 1,
    );
    expect(windows.map(({ service, cells }) => [service, cells.length])).toEqual([
      ['my.service', 4],
      ['my.service', 1],
    ]);
  }, 120_000);

  it('refuses bodies beyond the limits, announced or not, packed or not', async () => {
    await start({ otlp: { maxBodyBytes: 100_000, maxDecodedBytes: 200_000 } });
    const large = Buffer.alloc(150_000);
    const chunked = { ...protobuf, 'transfer-encoding': 'chunked' };
    const packed = gzipSync(Buffer.alloc(250_000));
    const statuses = [
      await ingest.post('/v1/traces', large, protobuf),
      await ingest.post('/v1/traces', large, chunked),
      await ingest.post('/v1/traces', packed, { ...protobuf, 'content-encoding': 'gzip' }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([413, 413, 413]);
    expect((await ingest.post('/v1/traces', body(), protobuf)).status).toBe(200);
  });

  it('stays up, in bounded memory, under gzip bombs', async () => {
    await start();
    const bomb = gzipSync(Buffer.alloc(200 * 2 ** 20), { level: 9 });
    const before = process.memoryUsage().rss;
    let highest = before;
    const watch = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage().rss);
    }, 5);
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => ingest.post('/v1/traces', bomb, { ...protobuf, 'content-encoding': 'gzip' })),
    );
    clearInterval(watch);
    expect([...new Set(replies.map(({ status }) => status))].every((status) => status === 413 || status === 429)).toBe(true);
    expect(highest - before).toBeLessThan(250 * 2 ** 20);
    expect((await ingest.post('/v1/traces', body(), protobuf)).status).toBe(200);
  }, 120_000);

  it('asks senders to wait when too much is under way, and forgets what it refused', async () => {
    await start({ otlp: { maxBytesInFlight: 100_000 } });
    const slow = connect(ingest.server.port, '127.0.0.1');
    slow.write('POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\nContent-Length: 90000\r\n\r\n');
    slow.write(Buffer.alloc(80_000));
    const refused = await until(
      () => ingest.post('/v1/traces', Buffer.alloc(50_000), protobuf),
      ({ status }) => status === 429, // once the slow ones have arrived
    );
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(decodeOtlp('RpcStatus', refused.body)['code']).toBe(8);
    slow.destroy();
    await until(
      () => ingest.post('/v1/traces', body(), protobuf),
      ({ status }) => status === 200,
    );
  });

  it('is not held up by senders that stop in the middle', async () => {
    await start();
    const stuck = Array.from({ length: 50 }, () => connect(ingest.server.port, '127.0.0.1'));
    for (const socket of stuck)
      socket.write('POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\nContent-Length: 500\r\n\r\nabc');
    expect((await ingest.post('/v1/traces', body(), protobuf)).status).toBe(200);
    for (const socket of stuck) socket.destroy();
  });

  it('lets in tokens with the scope ingest and nobody else', async () => {
    const token = `assay_pusher_${'a'.repeat(43)}`;
    const reader = `assay_reader_${'b'.repeat(43)}`;
    const digest = (value: string): string => `sha256:${createHash('sha256').update(value).digest('hex')}`;
    const tokensFile = join(folder, 'tokens');
    writeFileSync(tokensFile, `pusher ingest ${digest(token)}\nreader viewer ${digest(reader)}\n`);
    await start({ tokensFile });
    const statuses = [undefined, 'Bearer nonsense', `Bearer ${reader}`, `Bearer ${token}`, `bearer ${token}`].map(
      async (authorization) => (await ingest.post('/v1/traces', body(), { ...protobuf, ...(authorization && { authorization }) })).status,
    );
    expect(await Promise.all(statuses)).toEqual([401, 401, 403, 200, 200]);
  });

  it('keeps closed windows while the store does not answer, asks senders to wait when there are too many, and then goes on', async () => {
    let down = true;
    const kept: string[] = [];
    const append = async (windows: readonly { service: string }[]): Promise<number> => {
      if (down) throw new StoreUnavailableError('down for a spec');
      kept.push(...windows.map(({ service }) => service));
      return windows.length;
    };
    await start({ store: { append, newestEnd: async () => null, hasRoom: () => true }, otlp: { maxSeries: 2 } });
    for (let index = 0; index < 15; index += 1) {
      await ingest.post(
        '/v1/traces',
        encodeOtlp('Traces', tracesOf({ 'service.name': `s${index % 3}` }, [{ endMs: Date.now() - index * 5_000 }])),
        protobuf,
      );
    }
    const overloaded = await until(
      () => ingest.post('/v1/traces', body(), protobuf),
      ({ status }) => status === 503,
    );
    expect(Number(overloaded.headers['retry-after'])).toBeGreaterThan(0);
    const reached = ingest.server.closedThrough();
    down = false;
    await until(
      () => ingest.post('/v1/traces', body(), protobuf),
      ({ status }) => status === 200,
    );
    expect(kept.length).toBeGreaterThanOrEqual(15);
    expect(ingest.server.closedThrough()).toBeGreaterThan(reached);
  }, 120_000);
});

describe('IngestServer', () => {
  it('closes and stores live windows, and says how far it has come', async () => {
    await start({ plan: { ...quickPlan, latenessMs: 3_000 } });
    const closed: number[] = [];
    ingest.server.onClosed((closedThrough) => closed.push(closedThrough));
    const service = 'live';
    const endMs = Date.now();
    await ingest.post(
      '/v1/traces',
      encodeOtlp('Traces', tracesOf({ 'service.name': service }, [{ endMs }, { endMs, status: 2 }])),
      protobuf,
    );
    const [window] = await until(
      async () => (await ingest.stored()).filter((stored) => stored.service === service),
      (stored) => stored.length > 0,
    );
    expect(window?.from).toBe(Math.floor(endMs / 1000) * 1000);
    expect(window?.cells.map(({ attributes, count }) => [attributes['status'], count])).toEqual([
      ['error', 1],
      ['unset', 1],
    ]);
    await until(
      () => closed.length,
      (count) => count >= 2,
    );
    expect(closed).toEqual([...closed].sort((a, b) => a - b));
    expect(closed.every((each) => each % 1000 === 0)).toBe(true);
  }, 120_000);

  it('never lets a window change that was stored, though data comes again after a restart', async () => {
    const endMs = Date.now() - 600_000;
    const request = (count: number): Uint8Array =>
      encodeOtlp(
        'Traces',
        tracesOf(
          { 'service.name': 'again' },
          Array.from({ length: count }, () => ({ endMs })),
        ),
      );
    const windowsOf = async (): Promise<number[]> =>
      (await ingest.stored()).filter(({ service }) => service === 'again').map(({ cells }) => cells[0]?.count ?? 0);
    await start();
    await ingest.post('/v1/traces', request(3), protobuf);
    await until(windowsOf, ({ length }) => length === 1);
    await ingest.stop();
    await start();
    await ingest.post('/v1/traces', request(5), protobuf);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await windowsOf()).toEqual([3]);
  }, 120_000);

  it('counts what is sent again after a restart of the time that it was down, and says that it waits for it', async () => {
    const span = (service: string, ago: number) =>
      encodeOtlp('Traces', tracesOf({ 'service.name': service }, [{ endMs: Date.now() - ago }]));
    const windowsOf = async (service: string) => (await ingest.stored()).filter((stored) => stored.service === service);
    await start();
    await ingest.post('/v1/traces', span('before', 0), protobuf);
    await until(
      () => windowsOf('before'),
      ({ length }) => length === 1,
    );
    await ingest.stop();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await start({ otlp: { restartGraceSeconds: 6 } });
    const startedAt = Date.now();
    await ingest.post('/v1/traces', span('between', 1_200), protobuf);
    expect(ingest.server.closedThrough()).toBeLessThan(startedAt - 2_000);
    await until(
      () => ingest.server.closedThrough(),
      (closedThrough) => closedThrough > startedAt,
    );
    expect(await windowsOf('between')).toHaveLength(1);
    expect(Date.now() - startedAt).toBeGreaterThan(6_000);
  }, 120_000);

  it('stores what is complete at a stop and drops what is not', async () => {
    await start({ plan: { windowMs: 60_000, latenessMs: 300, attributes: ['service.name'], values: [] } });
    await ingest.post('/v1/traces', encodeOtlp('Traces', tracesOf({ 'service.name': 'unfinished' }, [{ endMs: Date.now() }])), protobuf);
    await ingest.stop();
    expect((await ingest.stored()).filter(({ service }) => service === 'unfinished')).toEqual([]);
  });

  it('refuses a port that is taken', async () => {
    await start();
    const second = startIngest(IngestServer, database, { otlp: { port: ingest.server.port } });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

const spanNow = (): object => ({ startTimeUnixNano: `${Date.now() - 5}000000`, endTimeUnixNano: `${Date.now()}000000` });
