import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { limits } from '../../src/http/edge/limits.js';
import { Database } from '../../src/storage/index.js';
import { TestApi } from '../support/api.js';
import { until } from '../support/otlp-ingest.js';

let api: TestApi;
const lines: string[] = [];

beforeAll(async () => {
  const times = { headersTimeoutMs: 400, requestTimeoutMs: 800, connectionCheckMs: 100 };
  api = await TestApi.start({ times, log: { write: (line: string) => void lines.push(line) } });
}, 60_000);
afterAll(() => api.stop());

const valid = { template: 'http-service', arguments: { service: 'a' }, baseline: '1', canary: '2' };

/** Everything the server says to these bytes, until it hangs up or is silent. */
function raw(bytes: string, { dripMs = 0, waitMs = 20_000 } = {}): Promise<{ text: string; closed: boolean; ms: number }> {
  return new Promise((resolve) => {
    const started = performance.now();
    let text = '';
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    const done = (closed: boolean): void => {
      clearTimeout(timer);
      clearInterval(drip);
      socket.destroy();
      resolve({ text, closed, ms: performance.now() - started });
    };
    const timer = setTimeout(() => done(false), waitMs);
    let at = 0;
    const drip = setInterval(() => {
      if (dripMs > 0 && at < bytes.length && socket.writable) socket.write(bytes[at++] ?? '');
    }, dripMs || 1_000);
    socket.on('connect', () => dripMs === 0 && socket.write(bytes));
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('error', () => done(true));
    socket.on('close', () => done(true));
  });
}

const request = (head: string, body = ''): string => `${head}\r\nConnection: close\r\n\r\n${body}`;
const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);

describe('bodies made to hurt', () => {
  it.each([
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`],
    ['100 000 levels', '['.repeat(100_000)],
    ['10 000 levels in a field', `{"template":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`],
    ['__proto__', '{"__proto__":{"polluted":true},"template":"http-service"}'],
    ['constructor.prototype', '{"constructor":{"prototype":{"polluted":true}}}'],
    [
      '__proto__ in labels',
      JSON.stringify(valid).replace('}', ',"x":1}').replace('"arguments"', '"labels":{"__proto__":{"polluted":true}},"arguments"'),
    ],
    ['half of it', '{"template":'],
    ['nothing', ''],
    ['a number', '1e999'],
    ['a text', '"text"'],
    ['null', 'null'],
    ['a list', '[]'],
    ['broken UTF-16', '{"template":"\\ud800"}'],
    ['a NUL', JSON.stringify({ ...valid, template: 'a\0b' })],
  ])('are refused: %s', async (_name, body) => {
    const { status, body: problem } = await api.ask('/v1/runs', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect([400, 404]).toContain(status);
    expect(problem.code).toMatch(/^ASSAY_(REQUEST_INVALID|NOT_FOUND)$/);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('that are too large are refused at the limit, not before', async () => {
    const padded = (length: number): string => `{"template":"${'a'.repeat(length - 15)}"}`;
    expect((await api.ask('/v1/runs', { method: 'POST', body: padded(limits.bodyBytes) })).status).toBe(400);
    const { status, body } = await api.ask('/v1/runs', { method: 'POST', body: padded(limits.bodyBytes + 1) });
    expect([status, body.code]).toEqual([413, 'ASSAY_TOO_LARGE']);
  });

  it.each([
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'text/html',
  ])('of the type %s are refused', async (type) => {
    const { status, body } = await api.ask('/v1/runs', { method: 'POST', body: 'a=b', headers: { 'content-type': type } });
    expect([status, body.code]).toEqual([415, 'ASSAY_MEDIA_TYPE']);
  });

  it('of YAML where JSON is expected are refused', async () => {
    expect((await api.ask('/v1/runs', { method: 'POST', body: 'template: a', headers: { 'content-type': 'text/yaml' } })).status).toBe(400);
  });
});

describe('heads made to hurt', () => {
  it.each([
    ['two hosts', request('GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b'), 400],
    ['no host', request('GET /healthz HTTP/1.1'), 400],
    ['another server as target', request('GET http://elsewhere/healthz HTTP/1.1\r\nHost: a'), 400],
    ['101 headers', request(`GET /healthz HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 99 }, (_, i) => `x${i}: 1`).join('\r\n')}`), 431],
    ['17 KiB of header', request(`GET /healthz HTTP/1.1\r\nHost: a\r\nx: ${'a'.repeat(17_000)}`), 431],
    ['a query of 5 KB', request(`GET /v1/runs?cursor=${'a'.repeat(5_000)} HTTP/1.1\r\nHost: a`), 431],
    [
      'length and chunks',
      request('POST /v1/runs HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
      400,
    ],
    ['two lengths', request('POST /v1/runs HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4', 'abc'), 400],
    ['a folded header', request('GET /healthz HTTP/1.1\r\nHost: a\r\nx: a\r\n b'), 400],
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['a broken escape', request('GET /v1/runs/%zz HTTP/1.1\r\nHost: a'), 400],
  ])('are refused: %s', async (name, bytes, status) => {
    const { text } = await raw(bytes);
    expect(statusOf(text)).toBe(status);
    if (name !== 'no host') expect(text).toContain('application/problem+json'); // that one Node answers itself
  });

  it('with a hundred headers are fine', async () => {
    const { text } = await raw(
      request(`GET /healthz HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 98 }, (_, i) => `x${i}: 1`).join('\r\n')}`),
    );
    expect(statusOf(text)).toBe(200);
  });
});

describe('those who are slow on purpose', () => {
  it('lose the line, whether they drip the head or the body, and others do not notice', async () => {
    const drips = [
      ...Array.from({ length: 25 }, () => raw(`GET /healthz HTTP/1.1\r\nHost: a\r\nx: ${'a'.repeat(500)}`, { dripMs: 50, waitMs: 20_000 })),
      ...Array.from({ length: 25 }, () =>
        raw(`POST /v1/runs HTTP/1.1\r\nHost: a\r\ncontent-type: application/json\r\nContent-Length: 5000\r\n\r\n${'a'.repeat(500)}`, {
          dripMs: 2,
          waitMs: 20_000,
        }),
      ),
    ];
    const others: number[] = [];
    for (let count = 0; count < 50; count++) {
      const started = performance.now();
      expect((await api.ask('/healthz')).status).toBe(200);
      others.push(performance.now() - started);
    }
    const ended = await Promise.all(drips);
    expect(ended.every(({ closed }) => closed)).toBe(true);
    expect(Math.max(...ended.map(({ ms }) => ms))).toBeLessThan(20_000);
    expect(others.sort((a, b) => a - b)[45]).toBeLessThan(4_000); // a stalled server would answer after all of them
  }, 120_000);

  it('may wait for a verdict longer than a request may take to arrive', async () => {
    const { body } = await api.post('/v1/runs', valid);
    const started = performance.now();
    const { status } = await api.ask(`/v1/runs/${body.id}/verdict?wait=1200ms`);
    expect(status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(1_150);
  });

  it('who hang up while they wait leave nothing behind', async () => {
    const { body } = await api.post('/v1/runs', { ...valid, canary: '3' });
    const connections = () =>
      new Promise<number>((resolve) => api.app.getHttpServer().getConnections((_error: Error | null, count: number) => resolve(count)));
    const before = await connections(); // those that others keep open may end meanwhile
    const readers = Array.from({ length: 20 }, () => connect(Number(new URL(api.url).port), '127.0.0.1'));
    for (const reader of readers) reader.write(`GET /v1/runs/${body.id}/events HTTP/1.1\r\nHost: a\r\n\r\n`);
    await Promise.all(readers.map((reader) => once(reader, 'data')));
    expect(await connections()).toBeGreaterThanOrEqual(20);
    for (const reader of readers) reader.destroy();
    await until(connections, (count) => count <= before);
  });
});

describe('what is written down', () => {
  it('is one object a line, whatever was asked', async () => {
    lines.length = 0;
    await api.ask(`/v1/runs/${encodeURIComponent('x\n{"level":"fatal","msg":"forged"}\u2028\u202e')}`);
    await api.ask('/nope', { headers: { 'x-request-id': 'forged' } });
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' });
  });
});

describe('when the store is gone', () => {
  it('says so with 503, stays alive, and shows nothing of what is inside', async () => {
    await api.get(Database).close();
    expect((await api.ask('/healthz')).status).toBe(200);
    const ready = await api.ask('/readyz');
    expect([ready.status, ready.body.status, ready.body.reason]).toEqual([503, 'not-ready', 'the store does not answer']);
    expect(ready.headers.get('retry-after')).toBe('5');
    const { status, body, headers } = await api.ask('/v1/runs');
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'ASSAY_STORE_UNAVAILABLE', '5']);
    expect(JSON.stringify(body)).not.toMatch(/at \w+|node_modules|select/);
  });
});
