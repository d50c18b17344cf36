import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { logsOf } from '../support/otlp-samples.js';
import { ServerProcess } from '../support/server-process.js';

const windowMs = 15_000;
const windows = 40;
const severity = { info: 9, error: 17 };
let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start();
}, 120_000);
afterAll(() => server.stop());

const posted = (url: string, body: object) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** What two releases write in ten minutes: so many errors beside 100 lines of ordinary work a window. */
async function sendLogs(service: string, from: number, errors: Readonly<Record<string, number>>): Promise<void> {
  for (let window = 0; window < windows; window += 1) {
    for (const [version, failing] of Object.entries(errors)) {
      const lines = (count: number, level: number) =>
        Array.from({ length: count }, (_, line) => ({ atMs: from + window * windowMs + line * 100, severity: level }));
      const records = [...lines(100, severity.info), ...lines(failing, severity.error)];
      const answer = await posted(`${server.otlpUrl}/v1/logs`, logsOf({ 'service.name': service, 'service.version': version }, records));
      expect([answer.status, await answer.json()]).toEqual([200, {}]);
    }
  }
}

/** The last word on those ten minutes. */
async function verdictOn(service: string, errors: Readonly<Record<'old' | 'new', number>>) {
  const from = Math.ceil((Date.now() - 20 * 60_000) / windowMs) * windowMs;
  await sendLogs(service, from, errors);
  const [start, end] = [from, from + windows * windowMs].map((ms) => new Date(ms).toISOString());
  const asked = { template: 'service-logs', arguments: { service }, baseline: 'old', canary: 'new', from: start, to: end };
  const started = await posted(`${server.apiUrl}/v1/runs`, asked);
  expect(started.status).toBe(202);
  const { id } = (await started.json()) as { id: string };
  for (const deadline = performance.now() + 100_000; performance.now() < deadline; ) {
    const verdict = (await (await fetch(`${server.apiUrl}/v1/runs/${id}/verdict?wait=10s`)).json()) as {
      final: boolean;
      decision: string;
      reason: string;
    };
    if (verdict.final) return verdict;
  }
  throw new Error('there was no verdict');
}

it('a canary that logs five times the errors is rolled back, by logs that came over HTTP', async () => {
  const verdict = await verdictOn('billing', { old: 2, new: 10 });
  expect([verdict.decision, verdict.reason]).toEqual(['rollback', expect.stringContaining('error-lines')]);
}, 240_000);

it('one that logs as the baseline does is promoted', async () => {
  expect((await verdictOn('mailer', { old: 2, new: 2 })).decision).toBe('promote');
}, 240_000);
