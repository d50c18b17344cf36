// The built product as a process of its own, as an operator runs it; for benches that measure what a client sees.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { builtFolder } from './built.mjs';

const patienceMs = 60_000;

/**
 * @param templates  YAML by name
 * @returns where it listens, and how to end it
 */
export async function startAssay({
  templates = {},
  environment = {},
  nodeOptions = process.env['ASSAY_BENCH_NODE_OPTIONS']?.split(' ') ?? [],
}) {
  const command = join(builtFolder, 'cli.js');
  if (!existsSync(command)) {
    process.stderr.write(`${command} is missing: npm run build first, or name the folder of a build in ASSAY_BENCH_DIST\n`);
    process.exit(69);
  }
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
  for (const [name, yaml] of Object.entries(templates)) writeFileSync(join(folder, `${name}.yaml`), yaml);
  const child = spawn(process.execPath, ['--liftoff-only', ...nodeOptions, command, 'serve'], {
    env: { ...outside(), ...quietly, ASSAY_TEMPLATES: folder, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = await readyLine(child);
  const stop = async () => {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', () => child.kill('SIGKILL'));
  return { api: ready.api, otlp: ready.otlp, otlpGrpc: ready.otlpGrpc, metrics: ready.metrics, pid: child.pid, stop };
}

const quietly = {
  ASSAY_PORT: '0',
  ASSAY_OTLP_PORT: '0',
  ASSAY_OTLP_GRPC_PORT: '0',
  ASSAY_METRICS_PORT: '0',
  ASSAY_STORE: 'memory:',
  ASSAY_OTLP_RESTART_GRACE: '0s',
  ASSAY_LOG_LEVEL: 'info',
};

const outside = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('ASSAY_') && name !== 'DATABASE_URL' && name !== 'NODE_OPTIONS'),
  );

/** It says where it listens on the line that says it is ready; other lines are shown where they are warnings. */
async function readyLine(child) {
  const cut = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = parsed(line);
      if (entry?.msg === 'assay is ready') resolve(entry);
      else if (entry === null || entry.level === 'warn' || entry.level === 'error' || entry.level >= 40) process.stderr.write(`${line}\n`);
    });
    child.once('exit', (code) => reject(new Error(`assay ended with ${code} before it was ready`)));
  });
  return ready.finally(() => clearTimeout(cut));
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** A JSON request; throws on anything but 2xx and 304. */
export async function ask(url, body) {
  const answer = await fetch(url, {
    ...(body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** The smallest of the values that at least this share of them does not exceed. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
