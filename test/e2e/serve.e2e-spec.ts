import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../support/temporary-folder.js';

const isBuilt = existsSync('dist/cli.js');
if (!isBuilt) process.stdout.write('skipped: assay serve as a process (no dist: run npm run build)\n');
/** A limit against hangs: a server starts within a second where nothing else runs. */
const patienceMs = 90_000;
const started: ChildProcess[] = [];
const secret = 'hunter2-canary-secret';
/** One store for all specs, one after the other: a new one takes seconds to make. */
const store = join(temporaryFolder('serve'), 'store');

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `assay serve` on free ports, with only these variables. */
function serve(
  variables: Record<string, string>,
  args: readonly string[] = [],
): { child: ChildProcess; ended: Promise<Ended>; ready: Promise<{ api: string; metrics: string }> } {
  const free = {
    ASSAY_PORT: '0',
    ASSAY_OTLP_PORT: '0',
    ASSAY_OTLP_GRPC_PORT: '0',
    ASSAY_METRICS_PORT: '0',
    ASSAY_STORE: store,
    ASSAY_OTLP_THREADS: '1',
  };
  const child = spawn(process.execPath, ['--liftoff-only', 'dist/cli.js', 'serve', ...args], { env: { ...free, ...variables } });
  started.push(child);
  let [out, err] = ['', ''];
  const ready = new Promise<{ api: string; metrics: string }>((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`assay serve ended with ${code} before it was ready: ${err}`)));
    child.stdout?.on('data', (data) => {
      out += data;
      const line = out.split('\n').find((text) => text.includes('assay is ready'));
      if (line) resolve(JSON.parse(line));
    });
  });
  child.stderr?.on('data', (data) => {
    err += data;
  });
  ready.catch(() => undefined); // for who only waits for the end
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  return { child, ended, ready };
}

async function takenPort(): Promise<{ port: string; server: Server }> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { port: String((server.address() as AddressInfo).port), server };
}

(isBuilt ? describe : describe.skip)('assay serve', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'settings that are wrong',
      { ASSAY_PORT: 'x', ASSAY_PROT: '1' },
      /ASSAY_PORT is "x".*ASSAY_PROT is not known: did you mean ASSAY_PORT\?/,
    ],
    ['an open door', { ASSAY_HOST: '0.0.0.0' }, /ASSAY_HOST is "0\.0\.0\.0" and there are no tokens/],
    ['a folder of templates that is not there', { ASSAY_TEMPLATES: '/nonexistent/templates' }, /templates/],
    ['a database of another make', { DATABASE_URL: `mysql://x:${secret}@db/x` }, /DATABASE_URL is not a PostgreSQL URL/],
    ['PostgreSQL that does not answer', { DATABASE_URL: `postgres://assay:${secret}@127.0.0.1:9/assay` }, /store|PostgreSQL|database/i],
  ])(
    'does not start with %s, and says so in one line',
    async (_what, variables, message) => {
      const { code, err, out } = await serve(variables).ended;
      expect([69, 78]).toContain(code);
      expect(err.trim().split('\n')).toHaveLength(1);
      expect(err).toMatch(message);
      expect(err + out).not.toContain(secret);
      expect(out).not.toMatch(/"level":"(error|fatal)"/);
      expect(out).not.toContain('assay is ready');
    },
    patienceMs,
  );

  it.each(['ASSAY_PORT', 'ASSAY_OTLP_PORT', 'ASSAY_OTLP_GRPC_PORT', 'ASSAY_METRICS_PORT'])(
    'names the port and the variable when %s is taken',
    async (variable) => {
      const { port, server } = await takenPort();
      const { code, err } = await serve({ [variable]: port }).ended;
      server.close();
      expect(code).toBe(78);
      expect(err).toContain(`assay: ${variable}: port ${port} on 127.0.0.1 is taken`);
      expect(err.trim().split('\n')).toHaveLength(1);
    },
    patienceMs,
  );

  it(
    'does not share a store with another server',
    async () => {
      const first = serve({});
      await first.ready;
      const { code, err } = await serve({}).ended;
      expect(code).toBe(78);
      expect(err.trim().split('\n')).toHaveLength(1);
      first.child.kill('SIGTERM');
      expect((await first.ended).code).toBe(0);
    },
    patienceMs,
  );

  it(
    'serves, then on SIGTERM answers who waits, says that it is not ready, and ends with 0',
    async () => {
      const server = serve({});
      const { api, metrics } = await server.ready;
      expect((await fetch(`${api}/readyz`)).status).toBe(200);
      expect(await (await fetch(metrics)).text()).toContain('assay_event_loop_delay_seconds');
      const run = { template: 'http-service', arguments: { service: 'a' }, baseline: '1', canary: '2' };
      const made = (await (
        await fetch(`${api}/v1/runs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(run) })
      ).json()) as { id: string; links: { verdict: string } };
      expect(made.links.verdict).toBe(`${api}/v1/runs/${made.id}/verdict`);
      const waiting = fetch(`${api}/v1/runs/${made.id}/verdict?wait=25s`);
      const events = (await fetch(`${api}/v1/runs/${made.id}/events`)).text();
      await new Promise((resolve) => setTimeout(resolve, 300)); // who waits asked before the events were sent
      const asked = performance.now();
      server.child.kill('SIGTERM');
      expect((await (await waiting).json()) as object).toMatchObject({ decision: 'hold', final: false });
      expect(await events).toContain('event: verdict');
      const { code, out } = await server.ended;
      expect(code).toBe(0);
      expect(performance.now() - asked).toBeLessThan(20_000); // not the 25 s that it was ready to wait
      for (const line of out.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
    },
    patienceMs,
  );

  it(
    'serves only its health where it has no role for more',
    async () => {
      const server = serve({ ASSAY_ROLES: 'engine,delivery' });
      const { api } = await server.ready;
      expect((await fetch(`${api}/readyz`)).status).toBe(200);
      expect((await fetch(`${api}/v1/runs`)).status).toBe(404);
      server.child.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
    },
    patienceMs,
  );
});
