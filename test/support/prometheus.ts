import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '@jest/globals';
import type { PrometheusSettings, Settings } from '../../src/config/index.js';
import { freePort } from './free-ports.js';

const isInstalled = (): boolean => ['prometheus', 'promtool'].every((program) => spawnSync(program, ['--version']).status === 0);

/**
 * Suites that need a real Prometheus: run where one is installed, else skipped with one line that says so.
 * On a machine that must have every server (`ASSAY_REQUIRE_SERVERS=1`) a missing one is a failure.
 */
export function describeWithPrometheus(name: string, suite: () => void): void {
  const runs = process.env['ASSAY_REQUIRE_SERVERS'] === '1' || isInstalled();
  if (!runs) process.stdout.write(`skipped: ${name} (prometheus and promtool are not installed)\n`);
  (runs ? describe : describe.skip)(name, suite);
}

/** One series of a metric family, with its whole past. */
export interface PastSeries {
  /** as it stands in the text: `http_requests_total`, `latency_seconds_bucket` */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** milliseconds since the epoch, and the value then; ascending */
  readonly samples: readonly (readonly [at: number, value: number | string])[];
}

/**
 * OpenMetrics text that `promtool tsdb create-blocks-from openmetrics` reads.
 * Families are declared `unknown`, so that names and values need not follow the rules of a type.
 */
export function writeOpenMetrics(series: readonly PastSeries[]): string {
  const names = [...new Set(series.map(({ name }) => name))];
  const lines = names.flatMap((name) => [
    `# TYPE ${name} unknown`,
    ...series
      .filter((one) => one.name === name)
      .flatMap(({ labels, samples }) => samples.map(([at, value]) => `${name}${labelText(labels)} ${value} ${at / 1000}`)),
  ]);
  return [...lines, '# EOF', ''].join('\n');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** A real Prometheus in a process of its own, on a random port of this machine. */
export interface PrometheusServer {
  readonly url: string;
  readonly pid: number;
  /** `kill -9`: what it stored stays. */
  kill(): Promise<void>;
  /** Starts it again after {@link kill}: same port, same store. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param openMetrics  its past, as {@link writeOpenMetrics} writes it
 * @param config       its configuration file; scrapes nothing by default
 * @param flags        further command-line flags
 * @param port         random by default; give one to come back where another server was
 */
export async function startPrometheus({
  openMetrics = '',
  config = 'global: {}\n',
  flags = [] as readonly string[],
  port = 0,
} = {}): Promise<PrometheusServer> {
  const directory = mkdtempSync(join(tmpdir(), 'assay-prometheus-'));
  const [text, configFile, store] = [join(directory, 'past.txt'), join(directory, 'prometheus.yml'), join(directory, 'store')];
  writeFileSync(configFile, config);
  if (openMetrics !== '') {
    writeFileSync(text, openMetrics);
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', text, store], { stdio: 'pipe' });
  }
  const listening = port === 0 ? await freePort() : port;
  const url = `http://127.0.0.1:${listening}`;
  const begin = async (): Promise<ChildProcess> => {
    const options = [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${store}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${listening}`,
      '--log.level=error',
    ];
    const started = spawn('prometheus', [...options, ...flags], { stdio: 'ignore' });
    await untilReady(url, started);
    return started;
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  let child = await begin();
  return {
    url,
    pid: child.pid ?? 0,
    kill: () => end('SIGKILL'),
    resume: async () => {
      child = await begin();
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; ) {
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode} before it was ready`);
    const ready = await fetch(`${url}/-/ready`).catch(() => null);
    if (ready?.ok) return;
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error('prometheus was not ready within 90 s');
}

/** Settings of which only the Prometheus part matters. */
export function settingsFor(url: string, prometheus: Partial<PrometheusSettings> = {}): Settings {
  return {
    prometheus: { url, headers: {}, bearerTokenRef: null, basicAuth: null, timeoutMs: 10_000, scrapeIntervalSeconds: 5, ...prometheus },
  } as Settings;
}
