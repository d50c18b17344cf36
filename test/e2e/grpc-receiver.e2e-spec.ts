import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newToken } from '../../src/config/index.js';
import { StoreUnavailableError } from '../../src/domain/index.js';
import { IngestServer } from '../../src/ingest/index.js';
import { type Database } from '../../src/storage/index.js';
import { exportLogs, exportMetrics, exportTraces, framed, GrpcCaller, type GrpcReply, replyOf } from '../support/grpc-caller.js';
import { type IngestUnderTest, startIngest, until } from '../support/otlp-ingest.js';
import { decodeOtlp, encodeOtlp } from '../support/otlp-proto.js';
import { metricsOf, tracesOf } from '../support/otlp-samples.js';
import { openMemoryStore, patienceMs } from '../support/stores.js';

const shop = { 'service.name': 'shop' };
const folder = mkdtempSync(join(tmpdir(), 'assay-grpc-'));

let database: Database;
let ingest: IngestUnderTest;
let caller: GrpcCaller;

beforeAll(async () => {
  database = await openMemoryStore();
}, patienceMs);
afterEach(async () => {
  caller.close();
  await ingest.stop();
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const start = async (options: Parameters<typeof startIngest>[2] = {}): Promise<void> => {
  ingest = await startIngest(IngestServer, database, { ...options, otlp: { grpcPort: 0, ...options.otlp } });
  caller = new GrpcCaller(ingest.server.grpcPort as number);
};

const traces = (count = 1, service = 'shop'): Uint8Array =>
  encodeOtlp(
    'Traces',
    tracesOf(
      { 'service.name': service },
      Array.from({ length: count }, () => ({ endMs: Date.now() })),
    ),
  );
const codes = { ok: 0, invalid: 3, denied: 7, exhausted: 8, unimplemented: 12, internal: 13, unavailable: 14, unauthenticated: 16 };

describe('The OTLP/gRPC receiver', () => {
  it.each<[string, number, string, () => Uint8Array, Record<string, string>]>([
    ['a message', codes.ok, exportTraces, () => framed(traces()), {}],
    ['a message of no bytes', codes.ok, exportMetrics, () => framed(new Uint8Array(0)), {}],
    ['logs', codes.ok, exportLogs, () => framed(new Uint8Array(0)), {}],
    ['gzip', codes.ok, exportTraces, () => framed(gzipSync(traces()), true), { 'grpc-encoding': 'gzip' }],
    ['zstd', codes.ok, exportTraces, () => framed(zstdCompressSync(traces()), true), { 'grpc-encoding': 'zstd' }],
    ['a message that is not packed although it could be', codes.ok, exportTraces, () => framed(traces()), { 'grpc-encoding': 'gzip' }],
    ['the name of the encoding in its type', codes.ok, exportTraces, () => framed(traces()), { 'content-type': 'application/grpc+proto' }],
    ['bytes that are not protobuf', codes.invalid, exportTraces, () => framed(Buffer.from('hello')), {}],
    ['protobuf that is cut off', codes.invalid, exportTraces, () => framed(traces().subarray(0, 60)), {}],
    ['a message that is cut off', codes.invalid, exportTraces, () => framed(traces()).subarray(0, 60), {}],
    ['a prefix that is cut off', codes.invalid, exportTraces, () => Buffer.from([0, 0]), {}],
    [
      'gzip that is cut off',
      codes.invalid,
      exportTraces,
      () => framed(gzipSync(traces()).subarray(0, 40), true),
      { 'grpc-encoding': 'gzip' },
    ],
    ['gzip that is none', codes.invalid, exportTraces, () => framed(traces(), true), { 'grpc-encoding': 'gzip' }],
    ['zstd that is none', codes.invalid, exportTraces, () => framed(traces(), true), { 'grpc-encoding': 'zstd' }],
    ['gzip of no bytes', codes.invalid, exportTraces, () => framed(new Uint8Array(0), true), { 'grpc-encoding': 'gzip' }],
    ['no message', codes.unimplemented, exportTraces, () => new Uint8Array(0), {}],
    ['two messages', codes.unimplemented, exportTraces, () => Buffer.concat([framed(traces()), framed(traces())]), {}],
    ['another packing', codes.unimplemented, exportTraces, () => framed(traces(), true), { 'grpc-encoding': 'snappy' }],
    ['a packed message that does not say how', codes.internal, exportTraces, () => framed(traces(), true), {}],
    ['a prefix that nobody knows', codes.internal, exportTraces, () => Buffer.from([7, 0, 0, 0, 0]), {}],
    [
      'another method',
      codes.unimplemented,
      '/opentelemetry.proto.collector.profiles.v1.ProfilesService/Export',
      () => framed(traces()),
      {},
    ],
    ['a method that objects have', codes.unimplemented, '/constructor', () => framed(traces()), {}],
  ])('answers %s with %i', async (_, status, path, body, headers) => {
    await start();
    const reply = await caller.call(path, body(), headers);
    expect([reply.httpStatus, reply.status, reply.closedWith, reply.retrySeconds]).toEqual([200, status, 0, null]);
  });

  it('answers what is no call of gRPC as HTTP does', async () => {
    await start();
    const statusOf = async (headers: Record<string, string>): Promise<number> =>
      (await caller.call(exportTraces, framed(traces()), headers)).httpStatus;
    expect(await statusOf({ 'content-type': 'application/json' })).toBe(415);
    expect(await statusOf({ 'content-type': 'application/grpc-web' })).toBe(415);
    expect(await statusOf({ ':method': 'PUT' })).toBe(405);
  });

  it('says what packings there are', async () => {
    await start();
    const { headers } = await caller.call(exportTraces, framed(traces(), true), { 'grpc-encoding': 'br' });
    expect(headers['grpc-accept-encoding']).toBe('identity,gzip,zstd');
  });

  it('says how many spans and points were refused and why', async () => {
    await start();
    const now = Date.now();
    const spans = tracesOf(shop, [{ endMs: now }, { endMs: now - 7_200_000 }, { endMs: now, durationMs: -5 }]);
    const ofSpans = await caller.call(exportTraces, framed(encodeOtlp('Traces', spans)));
    expect(decodeOtlp('ExportResponse', ofSpans.answer)).toEqual({
      partialSuccess: { rejected: '2', errorMessage: '1 bad value, 1 too old' },
    });
    const old = metricsOf(shop, 'old', { gauge: { dataPoints: [{ timeUnixNano: `${now - 7_200_000}000000`, asDouble: 3 }] } });
    const ofPoints = await caller.call(exportMetrics, framed(encodeOtlp('Metrics', old)));
    expect([ofPoints.status, decodeOtlp('ExportResponse', ofPoints.answer)]).toMatchObject([
      codes.ok,
      { partialSuccess: { rejected: '1' } },
    ]);
    expect((await caller.call(exportTraces, framed(traces()))).answer.length).toBe(0);
  });

  it('refuses messages beyond the limits, announced or not, packed or not, and says nothing of trying again', async () => {
    await start({ otlp: { maxBodyBytes: 100_000, maxDecodedBytes: 200_000 } });
    const gzip = { 'grpc-encoding': 'gzip' };
    const announced = caller.open(exportTraces);
    announced.write(Buffer.from([0, 0, 1, 134, 161])); // 100 001 bytes, none of which is sent
    const replies: GrpcReply[] = [
      await replyOf(announced),
      await caller.call(exportTraces, framed(Buffer.alloc(100_001))),
      await caller.call(exportTraces, framed(gzipSync(Buffer.alloc(200_001)), true), gzip),
      await caller.call(exportTraces, framed(gzipSync(Buffer.alloc(50_000_000)), true), gzip),
      await caller.call(exportTraces, framed(zstdCompressSync(Buffer.alloc(50_000_000)), true), { 'grpc-encoding': 'zstd' }),
    ];
    expect(replies.map(({ status, retrySeconds }) => [status, retrySeconds])).toEqual(replies.map(() => [codes.exhausted, null]));
    expect((await caller.call(exportTraces, framed(traces()))).status).toBe(codes.ok);
  });

  it('asks to wait while too many bytes are being received, and forgets them when they end', async () => {
    await start({ otlp: { maxBodyBytes: 2 ** 20, maxBytesInFlight: 2 ** 20 } });
    const half = caller.open(exportTraces);
    half.write(framed(Buffer.alloc(1_000_000)).subarray(0, 900_000));
    await until(
      async () => (await caller.call(exportTraces, framed(traces(1_000)))).status,
      (status) => status === codes.unavailable,
    );
    const refused = await caller.call(exportTraces, framed(traces(1_000)));
    expect([refused.status, refused.retrySeconds]).toEqual([codes.unavailable, expect.any(Number)]);
    half.close();
    await until(
      async () => (await caller.call(exportTraces, framed(traces(1_000)))).status,
      (status) => status === codes.ok,
    );
  });

  it('asks to wait while the store does not answer', async () => {
    const append = (): Promise<number> => Promise.reject(new StoreUnavailableError('down for a spec'));
    await start({ store: { append, newestEnd: async () => null, hasRoom: () => true }, otlp: { maxSeries: 1 } });
    const earlier = Array.from({ length: 10 }, (_, index) => ({ endMs: Date.now() - index * 5_000 }));
    await caller.call(exportTraces, framed(encodeOtlp('Traces', tracesOf(shop, earlier))));
    const reply = await until(
      () => caller.call(exportTraces, framed(traces())),
      ({ status }) => status === codes.unavailable,
    );
    expect([reply.message, reply.retrySeconds]).toEqual(['the server cannot keep up', expect.any(Number)]);
  });

  it('lets in whose token may push, and tells the others apart', async () => {
    const [sender, reader] = ['ingest', 'viewer'].map((scope) => newToken(scope, [scope as 'ingest'], Buffer.alloc(32, scope)));
    const tokensFile = join(folder, 'tokens');
    writeFileSync(tokensFile, `${sender?.line}\n${reader?.line}\n`);
    await start({ tokensFile });
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await caller.call(exportTraces, framed(traces()), headers)).status;
    expect(await statusWith({ authorization: `Bearer ${sender?.token}` })).toBe(codes.ok);
    expect(await statusWith({ authorization: `Bearer ${reader?.token}` })).toBe(codes.denied);
    expect(await statusWith({ authorization: 'Bearer nobody' })).toBe(codes.unauthenticated);
    expect(await statusWith({})).toBe(codes.unauthenticated);
  });

  it('counts a call that is sent again once, by whichever door it comes', async () => {
    await start();
    const request = traces(7, 'again');
    for (let time = 0; time < 3; time += 1) expect((await caller.call(exportTraces, framed(request))).status).toBe(codes.ok);
    expect((await ingest.post('/v1/traces', request, { 'content-type': 'application/x-protobuf' })).status).toBe(200);
    const windows = await until(
      async () => (await ingest.stored()).filter(({ service }) => service === 'again'),
      (stored) => stored.length > 0,
    );
    expect(windows.flatMap(({ cells }) => cells).reduce((sum, { count }) => sum + count, 0)).toBe(7);
  });

  it('answers what has begun when the server stops, and takes nothing more', async () => {
    await start();
    const slow = caller.open(exportTraces);
    const message = framed(traces());
    slow.write(message.subarray(0, 20));
    expect((await caller.call(exportTraces, framed(traces()))).status).toBe(codes.ok); // so the slow one has arrived
    const { grpcPort } = ingest.server;
    const stopped = ingest.stop();
    slow.end(message.subarray(20));
    expect((await replyOf(slow)).status).toBe(codes.ok);
    await stopped;
    const late = new GrpcCaller(grpcPort as number);
    await late.ended;
  });

  it('listens to nothing where it is off', async () => {
    await start();
    await ingest.stop();
    ingest = await startIngest(IngestServer, database, { otlp: { grpcPort: null } });
    expect(ingest.server.grpcPort).toBeNull();
  });

  it('does not read the public examples, which are JSON, as protobuf', async () => {
    await start();
    const sample = readFileSync(new URL('../golden/otlp-examples/trace.json', import.meta.url));
    expect((await caller.call(exportTraces, framed(sample))).status).toBe(codes.invalid);
  });
});
