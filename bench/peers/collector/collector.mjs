import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const variable = 'ASSAY_COLLECTOR_BIN';

/**
 * A Collector with the spanmetrics connector beside us, on one core. It is no part of Assay: whoever wants to compare builds
 * one from builder.yaml and names it in ASSAY_COLLECTOR_BIN.
 *
 * @returns where it listens, or in one sentence why there is none
 */
export async function startCollector() {
  const program = process.env[variable];
  if (!program) return `${variable} names none`;
  if (!existsSync(program)) return `there is no ${program}`;
  const [http, grpc] = [await freePort(), await freePort()];
  const child = spawn(program, ['--config', join(import.meta.dirname, 'config.yaml')], {
    env: { GOMAXPROCS: '1', ASSAY_PEER_HTTP_PORT: String(http), ASSAY_PEER_GRPC_PORT: String(grpc) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const stop = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  if (!(await answers(http, child))) return `${program} does not start`;
  const version = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim();
  return { pid: child.pid, http, grpc, version, stop };
}

async function answers(port, child) {
  for (let patience = 200; patience > 0 && child.exitCode === null; patience--) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    }).catch(() => null);
    if (answer?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
