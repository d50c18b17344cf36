// Load from another process, and what it costs a server.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

export const spansPerBody = 768;

/** A process of bench/parts that is spoken to by messages. */
export class Companion {
  /** @param script  its URL, or its name in this folder */
  constructor(script) {
    this.child = fork(new URL(script, import.meta.url), { execArgv: [] });
  }

  get pid() {
    return this.child.pid;
  }

  async heard() {
    const [message] = await once(this.child, 'message');
    return message;
  }

  ask(message) {
    const answer = this.heard();
    this.child.send(message);
    return answer;
  }

  end() {
    this.child.disconnect();
  }
}

/** Seconds of processor that a process took so far, of all its threads, in the kernel too. */
export function cpuSeconds(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9,
    0,
  );
}

/** Bytes of a process that are in memory now, and the most that were since {@link forgetPeak}. */
export function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1_024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

export const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** Nanoseconds of the server's processor per span, in one load. */
export async function costOf(sender, { pid, port }, load) {
  const before = cpuSeconds(pid);
  const said = await sender.ask({ type: 'load', port, ...load });
  const spent = cpuSeconds(pid) - before;
  const requests = said.answers['200'] ?? 0;
  if (said.failed > 0 || Object.keys(said.answers).some((status) => status !== '200')) {
    throw new Error(`not everything was accepted: ${JSON.stringify(said)}`);
  }
  return { nanoseconds: (spent * 1e9) / (requests * spansPerBody), spansPerSecond: (requests * spansPerBody) / said.seconds };
}

export const spread = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))].toFixed(2);
  return `${at(0.1)}–${at(0.9)}`;
};

/** Templates that make Assay keep what a rollout of the services in the bodies needs. */
export const templates = {
  shop: `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata:
  name: shop
  title: Errors and latency of \${service}
spec:
  arguments:
    service: { type: string, pattern: '[a-z0-9-]{1,40}', description: a service }
  cohorts: { by: service.version }
  schedule: { window: 5s, lateness: 2s, warmup: 10s, minDuration: 30m, minSamples: 20, deadline: 1h }
  metrics:
    - name: errors
      role: critical
      source: traces
      proportion:
        of: { service.name: '\${service}', kind: server }
        events: { service.name: '\${service}', kind: server, status: error }
      margin: { relative: 0.2, absolute: 0.01 }
    - name: latency
      role: critical
      source: traces
      percentiles: { of: { service.name: '\${service}', kind: server }, at: [0.95] }
      margin: { relative: 0.25 }
`,
};
