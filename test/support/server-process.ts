import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { freePorts } from './free-ports.js';
import { collect, runAssay, stop, untilReady } from './incident-server.js';

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: specs read what came, whatever its shape
  readonly json: any;
}

/** The built server in a process of its own, that a spec may kill and start again: same ports, same settings, same store. */
export class ServerProcess {
  private child: ChildProcess | null = null;
  private said: () => string = () => '';

  private constructor(
    readonly apiUrl: string,
    readonly otlpUrl: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** @param environment  variables beyond the ports; without a store nothing outlives the process */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const [api, otlp] = await freePorts(2);
    const ports = { ASSAY_PORT: String(api), ASSAY_OTLP_PORT: String(otlp), ASSAY_OTLP_GRPC_PORT: 'off', ASSAY_METRICS_PORT: 'off' };
    const server = new ServerProcess(`http://127.0.0.1:${api}`, `http://127.0.0.1:${otlp}`, {
      ASSAY_STORE: 'memory:',
      ASSAY_LOG_LEVEL: 'warn',
      ...ports,
      ...environment,
    });
    await server.begin();
    return server;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Everything this process has printed, since it was started last. */
  get output(): string {
    return this.said();
  }

  /** Starts it where it was; ready on return. */
  async begin(): Promise<void> {
    this.launch();
    await untilReady(`${this.apiUrl}/readyz`, this.running(), this.said);
  }

  /** Starts it and waits for nothing: for who wants to kill it while it starts. */
  launch(): void {
    this.child = runAssay(['serve'], this.environment);
    this.said = collect(this.child);
  }

  /** `kill -9`, now; on return the process is gone. */
  async kill(): Promise<void> {
    const child = this.running();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    if (this.child) await stop(this.child);
  }

  /** Memory of the process that is in use now, in MiB. Linux only. */
  residentMiB(): number {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  }

  get(path: string): Promise<HttpAnswer> {
    return this.ask(path, {});
  }

  post(path: string, body: unknown): Promise<HttpAnswer> {
    return this.ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }

  async ask(path: string, init: RequestInit): Promise<HttpAnswer> {
    const response = await fetch(`${this.apiUrl}${path}`, { signal: AbortSignal.timeout(30_000), ...init });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, text, json: isJson && text !== '' ? JSON.parse(text) : null };
  }

  private running(): ChildProcess {
    if (!this.child) throw new Error('the server was never started');
    return this.child;
  }
}
