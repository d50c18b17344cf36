import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { envDetector } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { type Settings } from '../config/index.js';
import { InvalidConfigError } from '../domain/index.js';
import { observeGauge } from './instruments.js';

/** What a collector has not taken by then at the end is lost: nobody waits for telemetry. */
const flushMs = 3_000;

export interface Telemetry {
  /** null: not served */
  readonly metricsUrl: string | null;
  stop(): Promise<void>;
}

/**
 * Starts Assay's own metrics and traces. Nothing here can change a verdict: a hung collector costs spans, no looks.
 *
 * @param exportTraces  false: spans cost nothing and go nowhere
 * @throws {InvalidConfigError} the port of the metrics page is taken
 */
export async function startTelemetry(
  { host, metricsPort }: Pick<Settings, 'host' | 'metricsPort'>,
  { exportTraces }: { exportTraces: boolean },
): Promise<Telemetry> {
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  const page = metricsPort === null ? null : await serve(exporter, host, metricsPort);
  const sdk = new NodeSDK({
    serviceName: 'assay',
    resourceDetectors: [envDetector],
    metricReaders: page ? [exporter] : [],
    logRecordProcessors: [],
    ...(exportTraces ? { traceExporter: new OTLPTraceExporter() } : { spanProcessors: [] }),
  });
  sdk.start();
  const stopWatching = watchEventLoop();
  return {
    metricsUrl: page && `http://${host.includes(':') ? `[${host}]` : host}:${(page.address() as AddressInfo).port}/metrics`,
    async stop() {
      stopWatching();
      await Promise.race([Promise.allSettled([sdk.shutdown(), closed(page)]), sleep(flushMs, undefined, { ref: false })]);
      for (const api of [metrics, trace, context, propagation]) api.disable();
    },
  };
}

/** The exporter's own server cannot take a free port and hides why it did not start, hence this one. */
async function serve(exporter: PrometheusExporter, host: string, port: number): Promise<Server> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    if (request.url?.split('?')[0] === '/metrics') exporter.getMetricsRequestHandler(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(notServed(error, host, port)));
    server.listen({ host, port }, resolve);
  });
  return server.unref();
}

function notServed({ code }: NodeJS.ErrnoException, host: string, port: number): InvalidConfigError {
  const what = code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${code ?? 'unknown'})`;
  return new InvalidConfigError(`ASSAY_METRICS_PORT: port ${port} on ${host} ${what}: give another one, 0 for any free one, or off`);
}

function closed(server: Server | null): Promise<void> {
  return new Promise((resolve) => {
    if (!server) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function watchEventLoop(): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const secondsAt = (percentile: number) => (delay.count === 0 ? null : delay.percentile(percentile) / 1e9);
  const ends = [
    observeGauge('assay_event_loop_delay_seconds', () => secondsAt(50), { quantile: '0.5' }),
    observeGauge('assay_event_loop_delay_seconds', () => secondsAt(99), { quantile: '0.99' }),
    observeGauge(
      'assay_event_loop_delay_seconds',
      () => {
        const seconds = secondsAt(100);
        delay.reset();
        return seconds;
      },
      { quantile: '1' },
    ),
  ];
  return () => {
    for (const end of ends) end();
    delay.disable();
  };
}
