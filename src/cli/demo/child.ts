import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A process of the demo beside this one. It ends by itself as soon as the channel to us closes, so nothing is left
 * behind even when we are killed.
 */
export class Child {
  private said = '';
  private stopping = false;

  private constructor(
    private readonly name: string,
    private readonly process: ChildProcess,
  ) {
    process.stderr?.on('data', (bytes: Buffer) => {
      this.said = (this.said + bytes.toString()).slice(-2000);
    });
    process.on('error', () => undefined); // 'exit', or the time limit of whoever waits, tells the same
  }

  /** @param script  file beside this one, as it is called after the build */
  static start(name: string, script: string, config: object): Child {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const env = cleanEnvironment(process.env);
    return new Child(name, fork(path, [JSON.stringify(config)], { execArgv: [], env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }));
  }

  /** The first message, which says that it is up. */
  async firstMessage(timeoutMs: number): Promise<unknown> {
    const settled = new AbortController();
    const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(timeoutMs)]);
    const said = once(this.process, 'message', { signal }).then(([message]) => message as unknown);
    const ended = once(this.process, 'exit', { signal }).then(([code, by]) => Promise.reject(new Error(this.howItEnded(code, by))));
    try {
      return await Promise.race([said, ended]);
    } catch (error) {
      throw signal.aborted ? new Error(`${this.name} was not up within ${timeoutMs / 1000} s`) : error;
    } finally {
      settled.abort();
      await Promise.allSettled([said, ended]);
    }
  }

  onMessage(listener: (message: unknown) => void): void {
    this.process.on('message', listener);
  }

  /** Called when it ends although nobody stopped it. */
  onLost(listener: (how: string) => void): void {
    this.process.on('exit', (code, by) => {
      if (!this.stopping) listener(this.howItEnded(code, by));
    });
  }

  send(message: object): void {
    if (this.process.connected) this.process.send(message, () => undefined);
  }

  /** Asks it to end, and makes it after two seconds. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.process.exitCode !== null || this.process.signalCode !== null || this.process.pid === undefined) return;
    const ended = once(this.process, 'exit');
    if (this.process.connected) this.process.disconnect();
    const last = setTimeout(() => this.process.kill('SIGKILL'), 2000);
    await ended;
    clearTimeout(last);
  }

  private howItEnded(code: number | null, by: NodeJS.Signals | null): string {
    return `${this.name} ended (${by ?? `code ${code}`}) ${this.said.trim()}`.trim();
  }
}

/** Without settings meant for other telemetry: they would send the demo's spans elsewhere, or sample them away. */
export function cleanEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(OTEL_.*|NODE_OPTIONS|NODE_USE_ENV_PROXY)$/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !foreign.test(name)));
}
