import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { refuseBytes } from '../../src/http/edge/refuse-bytes.js';
import { IngestServer } from '../../src/ingest/index.js';
import { Database } from '../../src/storage/index.js';
import { TestApi } from '../support/api.js';
import { type IngestUnderTest, startIngest, until } from '../support/otlp-ingest.js';
import { openMemoryStore } from '../support/stores.js';

let database: Database;
let ingest: IngestUnderTest;
let api: TestApi;

beforeAll(async () => {
  database = await openMemoryStore();
  ingest = await startIngest(IngestServer, database);
  api = await TestApi.start();
}, 60_000);
afterAll(async () => {
  await api.stop();
  await ingest.stop();
  await database.close();
});

interface Heard {
  readonly text: string;
  /** null: the line was closed in order */
  readonly error: string | null;
}

/** Writes all of it, piece by piece, whatever the server says meanwhile, and reads until the line ends. */
async function tell(port: number, pieces: Iterable<string | Buffer>): Promise<Heard> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  let error: string | null = null;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', (reason: Error & { code?: string }) => {
    error = reason.code ?? reason.message;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const piece of pieces) {
    if (!socket.writable) break;
    socket.write(piece);
    await sleep(1);
  }
  socket.end();
  await closed;
  return { text, error };
}

const inPieces = function* (text: string | Buffer, length = 8_000): Generator<string | Buffer> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
};
const port = (url: string): number => Number(new URL(url).port);
const longHead = `POST /v1/traces HTTP/1.1\r\nHost: a\r\nx: ${'a'.repeat(200_000)}\r\n\r\n`;

describe('A sender that is refused while it still writes reads why', () => {
  it.each<[string, () => string, string]>([
    ['OTLP', () => ingest.url, '{"code":8,"message":"more than 16384 bytes of header"}'],
    ['API', () => api.url, '"code":"ASSAY_HEAD_TOO_LARGE"'],
  ])('with too long a head: %s', async (_, url, body) => {
    const { text, error } = await tell(port(url()), inPieces(longHead));
    expect(error).toBeNull();
    expect(text).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\nconnection: close\r\n/);
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    const [head = '', said = ''] = text.split('\r\n\r\n');
    expect(said).toContain(body);
    expect(head).toContain(`content-length: ${Buffer.byteLength(said)}`);
  });

  it.each<[string, () => string]>([
    ['OTLP', () => ingest.url],
    ['API', () => api.url],
  ])('with bytes that are not HTTP: %s', async (_, url) => {
    const { text, error } = await tell(port(url()), inPieces(`hello\r\n\r\n${'x'.repeat(100_000)}`));
    expect([text.slice(0, 13), error]).toEqual(['HTTP/1.1 400 ', null]);
  });

  it('with too large a body, announced or not', async () => {
    const large = Buffer.alloc(1_000_000, 0x20);
    const head = 'POST /v1/runs HTTP/1.1\r\nHost: a\r\ncontent-type: application/json\r\n';
    for (const announced of [true, false]) {
      const framing = announced ? `content-length: ${large.length}` : 'transfer-encoding: chunked';
      const body = announced ? inPieces(large) : chunksOf(large);
      const { text, error } = await tell(port(api.url), [`${head}${framing}\r\n\r\n`, ...body]);
      expect([text.slice(0, 13), error]).toEqual(['HTTP/1.1 413 ', null]);
    }
  });
});

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (const piece of inPieces(bytes) as Generator<Buffer>) {
    yield Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
  }
  yield Buffer.from('0\r\n\r\n');
}

describe('Patience with a refused sender ends', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  const listen = async (patience: { ms: number; bytes: number }): Promise<number> => {
    server = createServer({ maxHeaderSize: 1_024 });
    const answer = () => ({ contentType: 'text/plain', body: Buffer.from('no') });
    server.on('clientError', (error, socket) => refuseBytes(error, socket as Socket, answer, patience));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const connections = () => new Promise<number>((resolve) => server?.getConnections((_error, count) => resolve(count)));
  /** never ends by itself */
  const endless = function* (): Generator<string> {
    yield 'hello\r\n\r\n';
    for (;;) yield 'x'.repeat(10_000);
  };

  it('after so many bytes', async () => {
    const { text } = await tell(await listen({ ms: 60_000, bytes: 100_000 }), endless());
    expect(text).toContain('HTTP/1.1 400 Bad Request');
  });

  it('after so long, whether it writes on or just keeps the line', async () => {
    const at = await listen({ ms: 200, bytes: Number.MAX_SAFE_INTEGER });
    expect((await tell(at, endless())).text).toContain('HTTP/1.1 400 Bad Request');
    const silent = connect({ port: at, host: '127.0.0.1', allowHalfOpen: true });
    silent.write('hello\r\n\r\n');
    silent.resume().on('error', () => undefined);
    await once(silent, 'end');
    await until(connections, (count) => count === 0);
    silent.destroy();
  });

  it('at once where part of an answer is on its way', async () => {
    const at = await listen({ ms: 60_000, bytes: 1_000 });
    server?.on('request', (_request, response) => response.writeHead(200).write('begun'));
    const { text } = await tell(at, ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', ...Array<string>(20).fill(''), 'garbage\r\n\r\n']);
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(text).toContain('begun');
  });
});
