import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { PrometheusDriver } from 'prometheus-query';
import type { PrometheusSettings } from '../../config/index.js';
import { SourceUnavailableError } from '../../domain/index.js';
import { recordSourceQuery } from '../../telemetry/index.js';
import { type Answer, readAnswer } from './answer.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { authorization } from './credentials.js';
import { Turnstile } from './turnstile.js';
import { errorOf, isTransient, type WireFailure, wireFailure } from './wire-failure.js';

const maxAnswerBytes = 8 * 2 ** 20;
/** Series in one answer; an engine that knows `limit` cuts there and warns, of any other we refuse more. */
export const maxSeries = 10_000;
const concurrency = 4;

type Form = 'vector' | 'matrix';
type Send = (driver: PrometheusDriver) => Promise<unknown>;

/** One request on its way through the library, which would otherwise lose most of this. */
interface Exchange {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  body: unknown;
  failure: WireFailure | null;
}

/**
 * The one door to Prometheus. The library builds addresses and forms; limits, cancellation, parsing and errors are ours,
 * because it loses warnings and infinities, follows redirects and puts passwords into errors.
 */
export class PrometheusClient {
  private readonly exchanges = new AsyncLocalStorage<Exchange>();
  private readonly turnstile = new Turnstile(concurrency);
  private readonly breaker = new CircuitBreaker();
  private readonly byPost: PrometheusDriver;
  private readonly byGet: PrometheusDriver;
  private postIsRefused = false;

  constructor(private readonly settings: PrometheusSettings) {
    this.byPost = this.driver(true);
    this.byGet = this.driver(false);
  }

  private driver(preferPost: boolean): PrometheusDriver {
    const { url, timeoutMs } = this.settings;
    return new PrometheusDriver({
      endpoint: url,
      preferPost,
      timeout: timeoutMs,
      requestInterceptor: {
        onFulfilled: (config) => {
          const exchange = this.exchange();
          config.signal = exchange.signal;
          config.maxRedirects = 0;
          config.proxy = false;
          config.maxContentLength = maxAnswerBytes;
          for (const [name, value] of Object.entries(exchange.headers)) config.headers.set(name, value);
          const form = (preferPost ? config.data : config.params) as URLSearchParams;
          form.set('limit', String(maxSeries));
          form.set('timeout', `${timeoutMs}ms`);
          if (!preferPost) config.data = undefined;
          return config;
        },
      },
      responseInterceptor: {
        onFulfilled: (response) => {
          this.exchange().body = response.data;
          response.data = { status: 'success', data: { resultType: 'vector', result: [] } };
          return response;
        },
        onRejected: (error: unknown) => {
          this.exchange().failure = wireFailure(error);
          throw new Error('the exchange failed'); // the original carries our credentials
        },
      },
    });
  }

  /**
   * The value of an expression at one moment.
   *
   * @param at  milliseconds since the epoch
   * @throws {SourceUnavailableError} no answer, not in time, or an engine in trouble
   * @throws {SourceQueryError} the engine refuses the query
   */
  instant(query: string, at: number, signal: AbortSignal): Promise<Answer> {
    return this.ask('vector', (driver) => driver.instantQuery(query, new Date(at)), signal);
  }

  /**
   * The value of an expression at `from`, `from + stepMs`, … up to `to`, at most 11 000 moments.
   *
   * @throws like {@link instant}; {AnswerTooLargeError} where fewer moments may fit
   */
  range(query: string, { from, to, stepMs }: { from: number; to: number; stepMs: number }, signal: AbortSignal): Promise<Answer> {
    return this.ask('matrix', (driver) => driver.rangeQuery(query, new Date(from), new Date(to), stepMs / 1000), signal);
  }

  private ask(form: Form, send: Send, signal: AbortSignal): Promise<Answer> {
    return this.turnstile.pass(async () => {
      if (signal.aborted) throw new SourceUnavailableError('stopped before Prometheus was asked');
      if (!this.breaker.allows(performance.now()))
        throw new SourceUnavailableError('Prometheus kept failing; it is asked again in a few seconds');
      const started = performance.now();
      try {
        const answer = settled(await this.askTwice(send, signal), form);
        this.breaker.succeeded();
        recordSourceQuery('prometheus', (performance.now() - started) / 1000, 'ok');
        return answer;
      } catch (error) {
        if (!(error instanceof SourceUnavailableError)) this.breaker.succeeded();
        else if (!signal.aborted) this.breaker.failed(performance.now());
        recordSourceQuery('prometheus', (performance.now() - started) / 1000, 'error');
        throw error;
      }
    });
  }

  /** Once more where that may help: after a moment for a gateway in trouble, at once by GET for one that knows no POST. */
  private async askTwice(send: Send, signal: AbortSignal): Promise<Exchange> {
    const byPost = !this.postIsRefused;
    const first = await this.exchangeOnce(send, signal);
    if (!first.failure || signal.aborted) return first;
    if (byPost && [405, 501].includes(first.failure.status ?? 0)) this.postIsRefused = true;
    else if (isTransient(first.failure)) await pause(100 + Math.random() * 200);
    else return first;
    return this.exchangeOnce(send, signal);
  }

  private async exchangeOnce(send: Send, signal: AbortSignal): Promise<Exchange> {
    const limit = AbortSignal.timeout(this.settings.timeoutMs);
    const headers = { ...this.settings.headers, ...(await authorization(this.settings)) };
    const exchange: Exchange = { signal: AbortSignal.any([signal, limit]), headers, body: null, failure: null };
    try {
      await this.exchanges.run(exchange, () => send(this.postIsRefused ? this.byGet : this.byPost));
    } catch {
      // Only a failure of the library itself comes here without having been described.
      exchange.failure ??= { code: 'UNKNOWN', status: null, message: null, tooLarge: false };
    }
    if (exchange.failure?.status === null && limit.aborted) {
      throw new SourceUnavailableError(`Prometheus did not answer within ${this.settings.timeoutMs / 1000} s`);
    }
    return exchange;
  }

  private exchange(): Exchange {
    const exchange = this.exchanges.getStore();
    if (!exchange) throw new RangeError('a request to Prometheus left its context');
    return exchange;
  }
}

function settled({ body, failure }: Exchange, form: Form): Answer {
  if (failure) throw errorOf(failure, maxAnswerBytes);
  const answer = readAnswer(body, form);
  if (answer.series.length <= maxSeries) return answer;
  return { ...answer, series: [], warnings: [...answer.warnings, `more than ${maxSeries} series; select fewer`] };
}
