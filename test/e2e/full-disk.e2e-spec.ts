import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { loadSettings } from '../../src/config/index.js';
import { startServer } from '../../src/main.js';
import { until } from '../support/otlp-ingest.js';
import { smallDisk } from '../support/small-disk.js';

const patienceMs = 180_000;
const mayWaitMs = 5_000;

const send = async (url: string, body: unknown): Promise<{ status: number; retryAfter: string | null; json: { id?: string } }> => {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    json: (await response.json()) as { id?: string },
  };
};

it(
  'asks to come back while the disk is full, answers what it knows, and goes on within five seconds of new space',
  async () => {
    const small = smallDisk('a server on a full disk');
    if (small === null) return;
    const disk = small.path;
    const variables = {
      ASSAY_PORT: '0',
      ASSAY_OTLP_PORT: '0',
      ASSAY_OTLP_GRPC_PORT: 'off',
      ASSAY_METRICS_PORT: 'off',
      ASSAY_OTLP_THREADS: '0',
    };
    const server = await startServer(loadSettings({ ...variables, ASSAY_STORE: join(disk, 'store'), ASSAY_LOG_LEVEL: 'silent' }));
    try {
      const begin = (version: string) =>
        send(`${server.urls.api}/v1/runs`, {
          template: 'http-service',
          arguments: { service: 'checkout' },
          baseline: '1',
          canary: version,
        });
      const push = () => send(`${server.urls.otlp}/v1/traces`, { resourceSpans: [] });
      const [first, pushed] = [await begin('2'), await push()];
      expect([first.status, pushed.status]).toEqual([202, 200]);
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - 2 ** 20)));
      const shut = await until(push, ({ status }) => status !== 200);
      const refused = await begin('3');
      expect([shut.status, refused.status]).toEqual([503, 503]);
      expect([Number(shut.retryAfter) > 0, Number(refused.retryAfter) > 0]).toEqual([true, true]);
      expect((await fetch(`${server.urls.api}/v1/runs/${first.json.id}`)).status).toBe(200);
      expect((await fetch(`${server.urls.api}/readyz`)).status).toBe(200);
      rmSync(join(disk, 'ballast'));
      const freed = performance.now();
      await until(push, ({ status }) => status === 200);
      expect((await begin('3')).status).toBe(202);
      const waited = performance.now() - freed;
      process.stdout.write(`a full disk: healed ${(waited / 1000).toFixed(2)} s after there was space\n`);
      expect(waited).toBeLessThan(mayWaitMs);
      const listed = (await (await fetch(`${server.urls.api}/v1/runs`)).json()) as { runs: unknown[] };
      expect(listed.runs).toHaveLength(2);
    } finally {
      await server.stop();
      small.remove();
    }
  },
  patienceMs,
);
