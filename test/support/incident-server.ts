import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePorts } from './free-ports.js';

const root = join(import.meta.dirname, '../..');

/** A real server in a process of its own, on free ports of loopback. */
export interface IncidentServer {
  readonly apiUrl: string;
  readonly otlpUrl: string;
  stop(): Promise<void>;
}

/** @param environment  `ASSAY_…` variables beyond ports and store */
export async function startIncidentServer(environment: Readonly<Record<string, string>>): Promise<IncidentServer> {
  const [api = 0, otlp = 0] = await freePorts(2);
  const child = runAssay(['serve'], {
    ASSAY_PORT: String(api),
    ASSAY_OTLP_PORT: String(otlp),
    ASSAY_OTLP_GRPC_PORT: 'off',
    ASSAY_METRICS_PORT: 'off',
    ASSAY_STORE: 'memory:',
    ASSAY_LOG_LEVEL: 'warn',
    ...environment,
  });
  const said = collect(child);
  const apiUrl = `http://127.0.0.1:${api}`;
  await untilReady(`${apiUrl}/readyz`, child, said);
  return { apiUrl, otlpUrl: `http://127.0.0.1:${otlp}`, stop: () => stop(child) };
}

/** What was built, or another build while one works on it. */
const command = process.env['ASSAY_TEST_CLI'] ?? join(root, 'dist/cli.js');

/** The built command on this Node; variables of the surrounding process that start with `ASSAY_` do not reach it. */
export function runAssay(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('ASSAY_') && name !== 'NODE_OPTIONS' && name !== 'DATABASE_URL',
  );
  return spawn(process.execPath, ['--liftoff-only', command, ...args], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Everything a process has printed so far, for the message of a failure. */
export function collect(child: ChildProcess): () => string {
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => parts.push(chunk.toString('utf8')));
  return () => parts.join('');
}

/** @throws {Error} with what the process said, when it ends or takes longer than 90 s */
export async function untilReady(url: string, child: ChildProcess, said: () => string): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode} before it was ready:\n${said()}`);
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await wait(50);
  }
  await stop(child);
  throw new Error(`${url} was not ready within 90 s:\n${said()}`);
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(patience);
}
