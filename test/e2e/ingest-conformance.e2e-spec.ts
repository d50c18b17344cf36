import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IngestServer } from '../../src/ingest/index.js';
import { type Database } from '../../src/storage/index.js';
import { type IngestUnderTest, post, startIngest, until } from '../support/otlp-ingest.js';
import { decodeOtlp, encodeOtlp } from '../support/otlp-proto.js';
import { metricsOf, tracesOf } from '../support/otlp-samples.js';
import { openMemoryStore, patienceMs } from '../support/stores.js';

const shop = { 'service.name': 'shop' };
const folder = mkdtempSync(join(tmpdir(), 'assay-conformance-'));
const tokenOf = (name: string, letter: string): string => `assay_${name}_${letter.repeat(43)}`;
const [pusher, reader, stranger] = [tokenOf('pusher', 'a'), tokenOf('reader', 'b'), tokenOf('stranger', 'c')];

let database: Database;
let ingest: IngestUnderTest;
let guarded: IngestUnderTest;
let crowded: IngestUnderTest;

beforeAll(async () => {
  database = await openMemoryStore();
  ingest = await startIngest(IngestServer, database, { otlp: { maxBodyBytes: 200_000, maxDecodedBytes: 300_000 } });
  const digest = (token: string): string => `sha256:${createHash('sha256').update(token).digest('hex')}`;
  const tokensFile = join(folder, 'tokens');
  writeFileSync(tokensFile, `pusher ingest ${digest(pusher)}\nreader viewer ${digest(reader)}\n`);
  guarded = await startIngest(IngestServer, database, { tokensFile });
  crowded = await startIngest(IngestServer, database, {
    otlp: { maxBytesInFlight: 100_000, headerTimeoutSeconds: 0.2, requestTimeoutSeconds: 0.4, maxConnections: 5 },
  });
}, patienceMs);
afterAll(async () => {
  for (const server of [ingest, guarded, crowded]) await server.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});

type Encoding = 'protobuf' | 'json';
const encodings: readonly Encoding[] = ['protobuf', 'json'];
const typeOf = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;
const kindOf = { '/v1/traces': 'Traces', '/v1/metrics': 'Metrics' } as const;

const now = Date.now();
const spans = () => tracesOf(shop, [{ endMs: Date.now() }]);
const someRefused = () => tracesOf(shop, [{ endMs: Date.now() }, { endMs: now - 7_200_000 }]);
const points = () =>
  metricsOf(shop, 'queue', {
    gauge: { dataPoints: [now - 1, now - 7_200_000].map((at) => ({ timeUnixNano: `${at}000000`, asInt: '3' })) },
  });

type Content = (encoding: Encoding) => Buffer;
const encoded =
  (path: keyof typeof kindOf, request: () => object): Content =>
  (encoding) =>
    Buffer.from(encoding === 'json' ? JSON.stringify(request()) : encodeOtlp(kindOf[path], request()));
const bytes =
  (text: string): Content =>
  () =>
    Buffer.from(text);
const sized =
  (length: number): Content =>
  () =>
    Buffer.alloc(length, ' ');
const packedWith =
  (pack: (body: Buffer) => Buffer, content: Content): Content =>
  (encoding) =>
    pack(content(encoding));
const firstHalf =
  (content: Content): Content =>
  (encoding) =>
    content(encoding).subarray(0, 50);

const traces = encoded('/v1/traces', spans);
const packing = (name: string) => ({ 'content-encoding': name });

interface Row {
  readonly request: string;
  readonly path: string;
  readonly content: Content;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** google.rpc.Code of a refusal */
  readonly code?: number;
  /** of a request that was taken in part, or not kept */
  readonly partial?: { readonly rejected?: number; readonly field?: string; readonly message: string };
}

const table: readonly Row[] = [
  { request: 'no bytes', path: '/v1/metrics', content: (encoding) => Buffer.from(encoding === 'json' ? '{}' : ''), status: 200 },
  { request: 'spans', path: '/v1/traces', content: traces, status: 200 },
  { request: 'spans, gzip', path: '/v1/traces', content: packedWith(gzipSync, traces), headers: packing('gzip'), status: 200 },
  { request: 'spans, zstd', path: '/v1/traces', content: packedWith(zstdCompressSync, traces), headers: packing('ZSTD'), status: 200 },
  { request: 'spans, identity', path: '/v1/traces', content: traces, headers: packing('identity'), status: 200 },
  {
    request: 'logs that no template reads',
    path: '/v1/logs',
    content: (encoding) => Buffer.from(encoding === 'json' ? '{}' : ''),
    status: 200,
    partial: { message: 'no template reads log records, so none are kept' },
  },
  {
    request: 'spans, one of them too old',
    path: '/v1/traces',
    content: encoded('/v1/traces', someRefused),
    status: 200,
    partial: { rejected: 1, field: 'rejectedSpans', message: '1 too old' },
  },
  {
    request: 'points, one of them too old',
    path: '/v1/metrics',
    content: encoded('/v1/metrics', points),
    status: 200,
    partial: { rejected: 1, field: 'rejectedDataPoints', message: '1 too old' },
  },
  { request: 'bytes that are neither', path: '/v1/traces', content: bytes('hello'), status: 400, code: 3 },
  { request: 'spans that are cut off', path: '/v1/traces', content: firstHalf(traces), status: 400, code: 3 },
  ...['gzip', 'zstd'].flatMap((name): Row[] => {
    const pack = name === 'gzip' ? gzipSync : zstdCompressSync;
    const headers = packing(name);
    return [
      { request: `${name} that is none`, path: '/v1/traces', content: traces, headers, status: 400, code: 3 },
      { request: `${name} of nothing at all`, path: '/v1/traces', content: bytes(''), headers, status: 400, code: 3 },
      {
        request: `${name} that is cut off`,
        path: '/v1/traces',
        content: firstHalf(packedWith(pack, traces)),
        headers,
        status: 400,
        code: 3,
      },
      {
        request: `${name} that unpacks to too much`,
        path: '/v1/traces',
        content: packedWith(pack, sized(300_001)),
        headers,
        status: 413,
        code: 8,
      },
      { request: `a bomb of ${name}`, path: '/v1/traces', content: packedWith(pack, sized(100 * 2 ** 20)), headers, status: 413, code: 8 },
    ];
  }),
  { request: 'too long a body', path: '/v1/traces', content: sized(200_001), status: 413, code: 8 },
  {
    request: 'too long a body, in chunks',
    path: '/v1/traces',
    content: sized(200_001),
    headers: { 'transfer-encoding': 'chunked' },
    status: 413,
    code: 8,
  },
  { request: 'another packing', path: '/v1/traces', content: traces, headers: packing('br'), status: 415, code: 3 },
  { request: 'two packings', path: '/v1/traces', content: traces, headers: packing('gzip, gzip'), status: 415, code: 3 },
  { request: 'another path', path: '/v1development/profiles', content: traces, status: 404, code: 5 },
];

describe.each(encodings)('A request in %s', (encoding) => {
  it.each(table)('$request: $status', async ({ path, content, headers = {}, status, code, partial }) => {
    const reply = await ingest.post(path, content(encoding), { 'content-type': typeOf[encoding], ...headers });
    expect([reply.status, reply.headers['content-type']]).toEqual([status, typeOf[encoding]]);
    if (code !== undefined)
      expect(readBack('RpcStatus', reply.body, encoding)).toEqual({ code, message: expect.stringMatching(/^.{5,}$/) });
    else if (partial === undefined) expect(reply.body.toString()).toBe(encoding === 'json' ? '{}' : '');
    else expect(readBack('ExportResponse', reply.body, encoding)).toEqual({ partialSuccess: inWords(partial, encoding) });
  });
});

const readBack = (type: 'RpcStatus' | 'ExportResponse', body: Buffer, encoding: Encoding): unknown =>
  encoding === 'json' ? JSON.parse(body.toString()) : decodeOtlp(type, body);

function inWords({ rejected, field = '', message }: NonNullable<Row['partial']>, encoding: Encoding): object {
  const counted = rejected === undefined ? {} : { [encoding === 'json' ? field : 'rejected']: String(rejected) };
  return { ...counted, errorMessage: message };
}

describe('A request', () => {
  it.each<[string, number, number, string | undefined]>([
    ['without a token', 401, 16, undefined],
    ['with an unknown token', 401, 16, `Bearer ${stranger}`],
    ['with another kind of credentials', 401, 16, `Basic ${pusher}`],
    ['with a token for reading', 403, 7, `Bearer ${reader}`],
    ['with a token for pushing', 200, 0, `Bearer ${pusher}`],
  ])('%s: %i', async (_, status, code, authorization) => {
    const headers = { 'content-type': typeOf.json, ...(authorization && { authorization }) };
    const reply = await guarded.post('/v1/traces', '{}', headers);
    expect([reply.status, reply.headers['www-authenticate']]).toEqual([status, status === 401 ? 'Bearer' : undefined]);
    if (code > 0) expect(JSON.parse(reply.body.toString())).toMatchObject({ code });
    expect(reply.body.toString()).not.toContain('aaaa');
  });

  it('of another content type is told in JSON, and which packings there are', async () => {
    const other = await ingest.post('/v1/traces', 'x', { 'content-type': 'text/plain' });
    expect([other.status, other.headers['content-type'], JSON.parse(other.body.toString()).code]).toEqual([415, 'application/json', 3]);
    const packed = await ingest.post('/v1/traces', 'x', { 'content-type': typeOf.json, 'content-encoding': 'br' });
    expect(packed.headers['accept-encoding']).toBe('gzip, zstd, identity');
  });

  it('by another method is told which there are', async () => {
    const reply = await post(`${ingest.url}/v1/traces`, '', { 'content-type': typeOf.json }, 'DELETE');
    expect([reply.status, reply.headers['allow'], JSON.parse(reply.body.toString()).code]).toEqual([405, 'POST', 12]);
  });
});

/** A line that sends this and then nothing. @returns all that it is told, once the line is closed */
function half(sent: string): { readonly told: Promise<string>; end(): void } {
  const socket = connect({ port: crowded.server.port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const told = new Promise<string>((resolve) => {
    for (const event of ['end', 'error']) socket.once(event, () => resolve(text));
  });
  socket.write(sent);
  return { told, end: () => void socket.destroy() };
}
const announced = (length: number, sent: number): string =>
  `POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${' '.repeat(sent)}`;

describe('A server that has enough', () => {
  it('says 429 and when to come again, and takes more when there is room', async () => {
    const slow = half(announced(99_000, 80_000));
    const refused = await until(
      () => crowded.post('/v1/traces', Buffer.alloc(50_000), { 'content-type': typeOf.protobuf }),
      ({ status }) => status === 429,
    );
    expect(decodeOtlp('RpcStatus', refused.body)['code']).toBe(8);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(5);
    expect(await slow.told).toMatch(/^HTTP\/1\.1 408 .*"code":4/s);
    slow.end();
    const taken = await until(
      () => crowded.post('/v1/traces', encodeOtlp('Traces', spans()), { 'content-type': typeOf.protobuf }),
      ({ status }) => status === 200,
    );
    expect(taken.headers['retry-after']).toBeUndefined();
  });

  it('tells senders that stop in the middle that their time is over', async () => {
    const lines = [
      '',
      'POST /v1/tra',
      announced(5, 3),
      announced(5, 5)
        .replace(/Content-Length: 5/, 'Transfer-Encoding: chunked')
        .trimEnd()
        .concat('\r\n\r\n'),
    ].map(half);
    for (const line of lines) expect(await line.told).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nconnection: close\r\n.*"code":4/s);
    for (const line of lines) line.end();
  });

  it('closes lines beyond its number', async () => {
    const lines = Array.from({ length: 12 }, () => half(announced(5, 3)));
    const told = await Promise.all(lines.map((line) => line.told));
    expect(told.filter((text) => text === '').length).toBeGreaterThanOrEqual(12 - 5);
    for (const line of lines) line.end();
  });

  it('tells senders in turn to come again after one to five seconds', async () => {
    const small = await startIngest(IngestServer, database, { otlp: { maxBytesInFlight: 1_024 } });
    const after = new Set<number>();
    for (let times = 0; times < 10; times += 1) {
      const reply = await small.post('/v1/traces', Buffer.alloc(5_000), { 'content-type': typeOf.protobuf });
      expect(reply.status).toBe(429);
      after.add(Number(reply.headers['retry-after']));
    }
    expect([...after].sort()).toEqual([1, 2, 3, 4, 5]);
    await small.stop();
  });
});
