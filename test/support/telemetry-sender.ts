import { setTimeout as sleep } from 'node:timers/promises';
import { nanoseconds, otlpAttributes } from './otlp-samples.js';

/** One version of a service under load: what its spans say. */
export interface Population {
  readonly service: string;
  readonly version: string;
  readonly spansPerSecond: number;
  /** share of spans with an error, in [0, 1]; spread evenly, so that a spec does not depend on luck */
  readonly errors: number;
}

const tickMs = 200;
const mostQueued = 2_000;

/** Sends spans of all populations until it is stopped; what the server does not take is sent again, in order, as exporters do. */
export class TelemetrySender {
  /** requests that were acknowledged, and tries that were not */
  readonly sent = { requests: 0, repeated: 0, spans: 0 };
  private readonly queue: string[] = [];
  private readonly counters: number[];
  private readonly stopping = new AbortController();
  private readonly work: Promise<unknown>;

  constructor(
    private readonly url: string,
    private readonly populations: readonly Population[],
  ) {
    this.counters = populations.map(() => 0);
    this.work = Promise.all([this.produce(), this.deliver()]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.work;
  }

  private async produce(): Promise<void> {
    let producedUntil = Date.now();
    while (!this.stopping.signal.aborted) {
      const now = Date.now();
      if (now - producedUntil >= tickMs && this.queue.length < mostQueued) {
        this.queue.push(this.request(producedUntil, now));
        producedUntil = now;
      }
      await this.pause(tickMs / 4);
    }
  }

  private async deliver(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const [body] = this.queue;
      if (body === undefined) await this.pause(20);
      else if (await this.isTaken(body)) {
        this.queue.shift();
        this.sent.requests += 1;
      } else {
        this.sent.repeated += 1;
        await this.pause(100);
      }
    }
  }

  private async isTaken(body: string): Promise<boolean> {
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(5_000) };
    const response = await fetch(`${this.url}/v1/traces`, request).catch(() => null);
    await response?.arrayBuffer().catch(() => null);
    return response?.status === 200;
  }

  private request(from: number, to: number): string {
    const resourceSpans = this.populations.map((population, index) => {
      const spans = this.spansOf(population, index, from, to);
      const attributes = otlpAttributes({ 'service.name': population.service, 'service.version': population.version });
      return { resource: { attributes }, scopeSpans: [{ spans }] };
    });
    return JSON.stringify({ resourceSpans });
  }

  private spansOf({ spansPerSecond, errors }: Population, index: number, from: number, to: number): object[] {
    const count = Math.round((spansPerSecond * (to - from)) / 1000);
    return Array.from({ length: count }, (_, position) => {
      const number = (this.counters[index] ?? 0) + 1;
      this.counters[index] = number;
      this.sent.spans += 1;
      const end = from + ((to - from) * position) / count;
      const failed = Math.floor(number * errors) > Math.floor((number - 1) * errors);
      return {
        traceId: number.toString(16).padStart(32, '0'),
        spanId: (index + 1).toString(16).padStart(4, '0') + number.toString(16).padStart(12, '0'),
        kind: 2,
        startTimeUnixNano: nanoseconds(end - (40 + ((number * 37) % 60))),
        endTimeUnixNano: nanoseconds(end),
        status: failed ? { code: 2 } : {},
      };
    });
  }

  private pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
