import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, freePorts, stop, untilReady } from './incident-server.js';

/** A Prometheus with a past, in a process of its own. */
export interface IncidentPrometheus {
  readonly url: string;
  stop(): Promise<void>;
}

export const hasPrometheus: boolean = ['prometheus', 'promtool'].every((program) => spawnSync(program, ['--version']).status === 0);

/** On a machine that must have every server, a missing one is a failure. */
export const serversRequired: boolean = process.env['ASSAY_REQUIRE_SERVERS'] === '1';

/** @param openMetrics  text with timestamps, ending in `# EOF` */
export async function startPrometheusWithHistory(openMetrics: string): Promise<IncidentPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'assay-incidents-'));
  const [text, config, store] = [join(directory, 'history.txt'), join(directory, 'prometheus.yml'), join(directory, 'store')];
  writeFileSync(text, openMetrics);
  writeFileSync(config, 'global: {}\n');
  const loaded = spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', text, store], { encoding: 'utf8' });
  if (loaded.status !== 0) throw new Error(`promtool did not take the history: ${loaded.stderr}`);

  const [port = 0] = await freePorts(1);
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${store}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}/-/ready`, child, collect(child));
  return {
    url,
    stop: async () => {
      await stop(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
