import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mutated } from '../support/mutations.js';
import { encodeOtlp } from '../support/otlp-proto.js';
import { tracesOf } from '../support/otlp-samples.js';
import { seededRandom } from '../support/random.js';
import { ServerProcess } from '../support/server-process.js';
import { TelemetrySender } from '../support/telemetry-sender.js';

const mebibyte = 2 ** 20;
/** A limit against hangs: on a machine that does ten other things this takes ten times as long. */
const patienceMs = 300_000;
/** what it may take on top of what it takes at rest: 64 MiB of bodies, what two threads make of them, 20 000 windows, garbage */
const mostMoreMiB = 1_000;
const template = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: unharmed }
spec:
  arguments: { service: { type: string } }
  schedule: { window: 1s, lateness: 1s, warmup: 1s, minDuration: 4s, minSamples: 50, deadline: 60s }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server, service.name: '\${service}' }, events: { status: error } }
      margin: { absolute: 0.1 }
`;

const folder = mkdtempSync(join(tmpdir(), 'assay-hostile-'));
let server: ServerProcess;
let pid = 0;
let atRest = 0;
let peak = 0;
let watch: NodeJS.Timeout;
let slow: Promise<{ text: string; afterMs: number }>[] = [];

beforeAll(async () => {
  writeFileSync(join(folder, 'unharmed.yaml'), template);
  server = await ServerProcess.start({ ASSAY_TEMPLATES: folder, ASSAY_OTLP_THREADS: '2' });
  pid = server.pid;
  atRest = server.residentMiB();
  watch = setInterval(() => {
    if (server.isAlive) peak = Math.max(peak, server.residentMiB());
  }, 50);
  slow = Array.from({ length: 20 }, (_, index) => drip(index % 2 === 0 ? 'head' : 'body'));
}, patienceMs);
afterAll(async () => {
  clearInterval(watch);
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}, patienceMs);

/** Sends a letter every half second, for as long as it is listened to. */
async function drip(part: 'head' | 'body'): Promise<{ text: string; afterMs: number }> {
  const head = 'POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
  const socket = openLine(part === 'head' ? head : `${head}Content-Length: 5000\r\n\r\n`);
  const timer = setInterval(() => socket.write('a'), 500);
  const started = performance.now();
  const text = await answerOn(socket);
  clearInterval(timer);
  return { text, afterMs: performance.now() - started };
}

function openLine(bytes: string | Uint8Array): Socket {
  const socket = connect(Number(new URL(server.otlpUrl).port), '127.0.0.1', () => socket.write(bytes));
  return socket;
}

/** What comes until the line ends. */
function answerOn(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(text));
  });
}

const statusIn = (text: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);

/** The status of a POST whose body is these bytes, sent with a length or in chunks. */
async function push(body: string | Uint8Array, headers: Readonly<Record<string, string>>, chunked = false): Promise<number> {
  const bytes = Buffer.from(body);
  const stream = chunked ? new Blob([bytes]).stream() : bytes;
  const init = { method: 'POST', headers, body: stream, duplex: 'half', signal: AbortSignal.timeout(90_000) };
  const response = await fetch(`${server.otlpUrl}/v1/traces`, init as RequestInit);
  await response.arrayBuffer();
  return response.status;
}

const json = { 'content-type': 'application/json' };
const protobuf = { 'content-type': 'application/x-protobuf' };
const gzipped = { ...json, 'content-encoding': 'gzip' };
const valid = (): Uint8Array => encodeOtlp('Traces', tracesOf({ 'service.name': 'shop', 'service.version': '1' }, [{ endMs: Date.now() }]));
const nestedValue = (depth: number): string => `${'{"arrayValue":{"values":['.repeat(depth)}{"intValue":"1"}${']}}'.repeat(depth)}`;
const attributeOf = (value: string): string => `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":${value}}]}}]}`;
/** Protobuf in protobuf: each level says that the rest is its first field. */
const nestedMessage = (depth: number): Uint8Array => {
  const levels = Array.from({ length: depth }, (_, level) => lengthPrefixed(0x0a, (depth - level) * 6));
  return Buffer.concat(levels);
};
const lengthPrefixed = (tag: number, length: number): Buffer => {
  const varint = [length & 0x7f, (length >> 7) & 0x7f, (length >> 14) & 0x7f, (length >> 21) & 0x7f].map((byte) => byte | 0x80);
  return Buffer.from([tag, ...varint, length >> 28]);
};

describe('OTLP made to hurt, against a server that runs', () => {
  it.each<[string, number[], () => string | Uint8Array, Record<string, string>]>([
    ['text that is not JSON', [400], () => 'hello', json],
    ['JSON that is cut off', [400], () => '{"resourceSpans":[{"scopeSpans":[', json],
    ['protobuf that is cut off', [400], () => valid().subarray(0, -7), protobuf],
    ['protobuf that promises 2 GiB', [400], () => Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]), protobuf],
    ['random bytes as protobuf', [400], () => randomBytes(100_000), protobuf],
    ['random bytes as gzip', [400], () => randomBytes(100_000), gzipped],
    ['gzip that is cut off', [400], () => gzipSync(randomBytes(100_000)).subarray(0, 50_000), gzipped],
    ['8 MiB of open brackets', [400], () => '['.repeat(8 * mebibyte), json],
    ['20 MiB of open brackets, packed', [400], () => gzipSync('['.repeat(20 * mebibyte)), gzipped],
    ['20 MiB of empty objects, packed', [400], () => gzipSync(`[${'{},'.repeat(6_900_000)}{}]`), gzipped],
    ['an attribute 100 000 levels deep', [400], () => attributeOf(nestedValue(100_000)), json],
    ['protobuf nested a million times', [400], () => nestedMessage(1_000_000), protobuf],
    ['8 MiB and one byte', [413], () => ' '.repeat(8 * mebibyte + 1), json],
    ['100 MiB', [413], () => Buffer.alloc(100 * mebibyte, 0x20), json],
    ['a gzip bomb: 1 GiB in 1 MiB', [413], () => gzipBomb(), gzipped],
    ['2 million empty spans', [400], () => `{"resourceSpans":[{"scopeSpans":[{"spans":[${'{},'.repeat(2_000_000)}{}]}]}]}`, json],
  ])(
    'is answered: %s',
    async (_, statuses, body, headers) => {
      const bytes = body();
      for (const chunked of [false, true]) expect(statuses).toContain(await push(bytes, headers, chunked).catch(brokenLine));
      expect(server.isAlive).toBe(true);
    },
    patienceMs,
  );

  it('is cut off in the middle by the sender, a hundred times, and leaves nothing behind', async () => {
    const head = 'POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8000000\r\n\r\n';
    const lines = Array.from({ length: 100 }, () => openLine(`${head}${'{"resourceSpans":['.padEnd(50_000)}`));
    await sleep(500);
    for (const line of lines) line.destroy();
    expect(await push(valid(), protobuf)).toBe(200);
  });

  it(
    'comes forty at once: bombs and bodies as large as allowed; some wait, none breaks it',
    async () => {
      const large = `{"resourceSpans":[${'{"scopeSpans":[]},'.repeat(400_000)}{}]}`; // 7.2 MB
      const bomb = gzipBomb();
      const statuses = await Promise.all(
        Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? push(bomb, gzipped) : push(large, json)).catch(brokenLine)),
      );
      expect(statuses.filter((status) => ![200, 413, 429, 503].includes(status))).toEqual([]);
      expect(server.isAlive).toBe(true);
    },
    patienceMs,
  );

  it(
    'names a new service with every span, 100 000 in all',
    async () => {
      for (let batch = 0; batch < 20; batch++) {
        const resources = Array.from({ length: 5_000 }, (_, index) =>
          tracesOf({ 'service.name': `s-${batch}-${index}`, 'service.version': `${index}` }, [{ endMs: Date.now() }]),
        ) as { resourceSpans: object[] }[];
        const body = JSON.stringify({ resourceSpans: resources.flatMap(({ resourceSpans }) => resourceSpans) });
        expect([200, 429, 503]).toContain(await push(body, json));
      }
      const { status } = await server.get('/readyz');
      expect(status).toBe(200);
    },
    patienceMs,
  );
});

let bomb: Buffer | undefined;
/** 1 GiB of zeros: members of one gzip stream, one after the other. */
function gzipBomb(): Buffer {
  const member = gzipSync(Buffer.alloc(64 * mebibyte), { level: 9 });
  bomb ??= Buffer.concat(Array.from({ length: 16 }, () => member));
  return bomb;
}

/** A refusal may come while we still write: then there is a reset line and no answer. It is told apart from a crash below. */
const brokenLine = (error: unknown): number => {
  throw new Error(`no answer: ${error instanceof Error ? `${error.message} ${String(error.cause)}` : String(error)}`);
};

describe('API bodies made to hurt, against a server that runs', () => {
  const run = { template: 'unharmed', arguments: { service: 'shop' }, baseline: '1', canary: '2' };

  it.each<[string, number[], string]>([
    ['__proto__', [400], '{"__proto__":{"admin":true},"template":"unharmed"}'],
    ['__proto__ in arguments', [400], '{"template":"unharmed","arguments":{"__proto__":"x"},"baseline":"1","canary":"2"}'],
    ['constructor', [400], '{"constructor":{"prototype":{"admin":true}}}'],
    ['100 000 levels', [400], `{"template":${'['.repeat(100_000)}`],
    ['an unknown field', [400], JSON.stringify({ ...run, weigth: 0.5 })],
    ['a list for a text', [400], JSON.stringify({ ...run, template: ['unharmed'] })],
    ['a number for a map', [400], JSON.stringify({ ...run, labels: 7 })],
    ['a weight that is no share', [400], JSON.stringify({ ...run, weight: 5 })],
    ['1 MiB of label', [413], JSON.stringify({ ...run, labels: { a: 'x'.repeat(mebibyte) } })],
  ])('is refused: %s', async (_, statuses, body) => {
    const answer = await server.ask('/v1/runs', { method: 'POST', headers: json, body });
    expect(statuses).toContain(answer.status);
    expect(answer.json.code).toMatch(/^ASSAY_/);
  });

  it(
    'comes in 2 000 random mutations of valid requests: never an error of ours, never an exit',
    async () => {
      const random = seededRandom(20_260_101);
      const { json: made } = await server.post('/v1/runs', { ...run, canary: 'mutated' });
      const runPath = `/v1/runs/${made.id}`;
      const requests: readonly [path: string, body: unknown][] = [
        ['/v1/runs', { ...run, weight: 0.05, labels: { pipeline: '4711' } }],
        ['/v1/runs', { ...run, from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z', canary: { 'service.version': '2', zone: 'eu' } }],
        [`${runPath}/phase`, { weight: 0.2, phase: 0 }],
        [`${runPath}/cancel`, { reason: 'withdrawn', actor: 'kim' }],
        [`${runPath}/override`, { decision: 'hold', reason: 'known noise', actor: 'kim' }],
        ['/v1/templates/lint', { text: template }],
        [
          '/v1/endpoints',
          { channel: 'webhook', url: 'https://hooks.example/x', secretRef: 'env:NOBODY_SET_THIS', events: ['verdict.final'] },
        ],
      ];
      const statuses = new Map<number, number>();
      for (let round = 0; round < 200; round++) {
        const batch = Array.from({ length: 10 }, () => {
          const [path, body] = requests[Math.floor(random() * requests.length)] as (typeof requests)[number];
          return { path, body: mutated(body, random), key: random() < 0.2 ? `k${Math.floor(random() * 5)}` : null };
        });
        const answers = await Promise.all(
          batch.map(async ({ path, body, key }) => {
            const headers = { ...json, ...(key && { 'idempotency-key': key }) };
            const { status, text } = await server.ask(path, { method: 'POST', headers, body });
            return { status, path, body, text };
          }),
        );
        expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
        for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const endpoints = answers.flatMap(({ status, text }) => (status === 201 ? [JSON.parse(text).id] : []));
        for (const id of endpoints) await server.ask(`/v1/endpoints/${id}`, { method: 'DELETE' });
      }
      expect([...statuses.keys()].some((status) => status >= 400)).toBe(true);
      expect(server.isAlive).toBe(true);
      process.stdout.write(
        `hostile API: 2000 mutations: ${[...statuses]
          .sort()
          .map(([status, count]) => `${count} × ${status}`)
          .join(', ')}\n`,
      );
    },
    patienceMs,
  );
});

describe('after all that', () => {
  it(
    'has cut off the slow ones with 408',
    async () => {
      const ended = await Promise.all(slow);
      expect(ended.map(({ text }) => statusIn(text))).toEqual(ended.map(() => 408));
      expect(Math.max(...ended.map(({ afterMs }) => afterMs))).toBeLessThan(120_000);
    },
    patienceMs,
  );

  it('is the same process, with bounded memory', () => {
    const now = server.residentMiB();
    process.stdout.write(
      `hostile input: ${atRest.toFixed(0)} MiB at rest, ${peak.toFixed(0)} MiB at most, ${now.toFixed(0)} MiB in the end\n`,
    );
    expect([server.isAlive, server.pid]).toEqual([true, pid]);
    expect(peak - atRest).toBeLessThan(mostMoreMiB);
  });

  it(
    'judges a normal release',
    async () => {
      const rate = { service: 'calm', spansPerSecond: 150, errors: 0.02 };
      const sender = new TelemetrySender(server.otlpUrl, [
        { ...rate, version: '1' },
        { ...rate, version: '2' },
        { ...rate, version: '3', errors: 0.4 },
      ]);
      try {
        const start = (canary: string) =>
          server.post('/v1/runs', { template: 'unharmed', arguments: { service: 'calm' }, baseline: '1', canary });
        const started = await Promise.all([start('2'), start('3')]);
        const decisions = await Promise.all(started.map(({ json: { id } }) => finalDecision(id)));
        expect(decisions).toEqual(['promote', 'rollback']);
      } finally {
        await sender.stop();
      }
    },
    patienceMs,
  );

  async function finalDecision(id: string): Promise<string> {
    for (;;) {
      const { json: verdict } = await server.get(`/v1/runs/${id}/verdict?wait=5s`);
      if (verdict.final) return verdict.decision;
    }
  }
});
