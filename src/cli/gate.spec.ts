import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AssayClient, type RunRequest } from './assay-client.js';
import { type GateEnd, type GateOrder, gateExitCode, passGate } from './gate.js';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server | undefined;
const seen: { line: string; key: string | undefined; authorization: string | undefined; body: string }[] = [];

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  seen.length = 0;
});

/** A server that gives these answers one after the other; the last one from then on. */
async function serverThatGives(...answers: Answer[]): Promise<string> {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const key = request.headers['idempotency-key'];
    seen.push({ line: `${request.method} ${request.url}`, key: key?.toString(), authorization: request.headers.authorization, body });
    (answers[Math.min(seen.length, answers.length) - 1] as Answer)(request, response, body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json =
  (status: number, body: unknown, headers = {}): Answer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const text =
  (status: number, body: string): Answer =>
  (_, response) =>
    response.writeHead(status).end(body);
const hangUp: Answer = (request) => request.socket.destroy();
const cutOff =
  (body: unknown): Answer =>
  (_, response) => {
    const whole = JSON.stringify(body);
    response.writeHead(200, { 'content-length': whole.length });
    response.write(whole.slice(0, -5), () => response.destroy());
  };

const started = json(202, { id: 'run_1', state: 'running', links: {} });
const verdict = (changes: object = {}): object => ({
  run: 'run_1',
  decision: 'hold',
  final: false,
  code: 'insufficient-evidence',
  reason: 'not enough requests yet',
  looks: 3,
  elapsedSeconds: 45,
  etaSeconds: null,
  metrics: [],
  ...changes,
});
const promoted = verdict({ decision: 'promote', final: true, code: 'all-safe' });

const request: RunRequest = { template: 'http-service', arguments: { service: 'shop' }, baseline: '1', canary: '2' };

async function pass(url: string, changes: Partial<GateOrder> = {}): Promise<{ end: GateEnd; exit: number; told: string[] }> {
  const order = { run: request, idempotencyKey: 'key-1', timeoutMs: 5000, retryForMs: 300, longPollSeconds: 1, ...changes };
  const told: string[] = [];
  const end = await passGate(new AssayClient(url, 'secret'), order, {
    started: (run) => told.push(run),
    answered: ({ decision, final }) => told.push(`${decision}${final ? '!' : ''}`),
    retrying: () => told.push('again'),
  });
  return { end, exit: gateExitCode(end, 'error'), told };
}

describe('passing the gate', () => {
  it('starts a run with its key and token, waits with the etag, and passes on a final promote', async () => {
    const notModified: Answer = (_, response) => response.writeHead(304).end();
    const url = await serverThatGives(started, json(200, verdict(), { etag: '"3"' }), notModified, json(200, promoted));
    const { exit, told } = await pass(url);
    expect(exit).toBe(0);
    expect(told).toEqual(['run_1', 'hold', 'promote!']);
    expect(seen.map(({ line }) => line)).toEqual(['POST /v1/runs', ...Array(3).fill('GET /v1/runs/run_1/verdict?wait=1s')]);
    expect(seen[0]).toMatchObject({ key: 'key-1', authorization: 'Bearer secret', body: JSON.stringify(request) });
  });

  it.each([
    ['rollback', { decision: 'rollback', final: true, code: 'harm-evidence' }, 1],
    ['hold at the deadline', { decision: 'hold', final: true, code: 'deadline' }, 2],
    ['a cancelled run', { decision: 'hold', final: true, code: 'cancelled' }, 4],
    ['a promote that was cancelled', { decision: 'promote', final: true, code: 'all-safe', state: 'cancelled' }, 4],
    ['a person who overrode with promote', { decision: 'promote', final: true, code: 'overridden' }, 0],
  ])('ends on %s', async (_, final, exit) => {
    expect((await pass(await serverThatGives(started, json(200, verdict(final))))).exit).toBe(exit);
  });

  it('joins a run that somebody else started', async () => {
    const url = await serverThatGives(json(200, promoted));
    expect((await pass(url, { run: 'run_1' })).exit).toBe(0);
    expect(seen.map(({ line }) => line)).toEqual(['GET /v1/runs/run_1/verdict?wait=1s']);
  });

  it('survives a server that restarts, starting the run only under its one key', async () => {
    const url = await serverThatGives(hangUp, text(503, 'starting'), started, hangUp, json(200, promoted));
    const { exit } = await pass(url, { retryForMs: 3000 });
    expect(exit).toBe(0);
    expect(new Set(seen.filter(({ line }) => line.startsWith('POST')).map(({ key }) => key))).toEqual(new Set(['key-1']));
  });
});

describe('not passing the gate', () => {
  it('is stopped by the time limit while the server only ever holds', async () => {
    const { end, exit } = await pass(await serverThatGives(started, json(200, verdict())), { timeoutMs: 400 });
    expect(end.kind).toBe('timeout');
    expect(exit).toBe(3);
    expect(gateExitCode(end, 'hold')).toBe(2);
  });

  it('is stopped by the time limit while the server says nothing at all', async () => {
    const { end } = await pass(await serverThatGives(() => undefined), { timeoutMs: 300 });
    expect(end.kind).toBe('timeout');
  });

  it('does not take a promote that is not final', async () => {
    const url = await serverThatGives(started, json(200, verdict({ decision: 'promote', final: false })));
    expect((await pass(url, { timeoutMs: 400 })).exit).toBe(3);
  });

  it.each([
    ['cut off', cutOff(promoted)],
    ['no JSON', text(200, '<html>promote</html>')],
    ['empty', text(200, '')],
    ['about another run', json(200, { ...promoted, run: 'run_2' })],
    ['without final', json(200, { ...promoted, final: undefined })],
    ['with final as a text', json(200, { ...promoted, final: 'true' })],
    ['with a decision nobody knows', json(200, { ...promoted, decision: 'PROMOTE' })],
    ['a list', json(200, [promoted])],
    ['null', json(200, null)],
    ['a failure with a promote in it', json(500, promoted)],
    ['a redirect', (_: IncomingMessage, response: ServerResponse) => response.writeHead(302, { location: '/elsewhere' }).end()],
  ])('takes no answer that is %s', async (_, answer) => {
    const { exit } = await pass(await serverThatGives(started, answer), { retryForMs: 100 });
    expect([3, 69]).toContain(exit);
  });

  it.each([
    [404, 64],
    [422, 64],
    [401, 3],
    [500, 3],
  ])('does not start when the server answers %i', async (status, exit) => {
    const problem = { title: 'no', detail: 'no template http-servce', issues: [{ message: 'did you mean http-service?' }] };
    const { exit: got, end } = await pass(await serverThatGives(json(status, problem)), { retryForMs: 100 });
    expect(got).toBe(exit);
    expect(end).toMatchObject({
      kind: 'failed',
      error: { message: expect.stringMatching(`^${status}: no template http-servce; did you mean http-service\\?`) },
    });
  });

  it('says that nobody answers when nobody does', async () => {
    const url = await serverThatGives(started);
    await new Promise((resolve) => server?.close(resolve));
    const { exit, end } = await pass(url, { retryForMs: 50 });
    expect(exit).toBe(69);
    expect(end).toMatchObject({ error: { message: expect.stringContaining(`no answer from ${url}`) } });
  });
});
