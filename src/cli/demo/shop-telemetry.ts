import { type Counter, type Histogram, type Tracer } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** What one pod records. Nothing in it knows Assay: it is the SDK as any service would set it up. */
export interface ShopTelemetry {
  readonly tracer: Tracer;
  readonly durations: Histogram;
  readonly orders: Counter;
  /** sends what is left, then lets go; at most about half a second */
  close(): Promise<void>;
}

/**
 * The telemetry of one pod, sent as OTLP/HTTP protobuf.
 *
 * @param collectorUrl  base of the OTLP listener, without `/v1/traces`
 */
export function shopTelemetry(collectorUrl: string, version: string, pod: string): ShopTelemetry {
  const resource = resourceFromAttributes({ 'service.name': 'shop', 'service.version': version, 'k8s.pod.name': pod });
  const spans = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: `${collectorUrl}/v1/traces`, timeoutMillis: 3000 }),
    scheduledDelayMillis: 300,
    maxExportBatchSize: 512,
    maxQueueSize: 8192,
  });
  const traces = new TracerProvider({ resource, spanProcessors: [spans] });
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${collectorUrl}/v1/metrics`, timeoutMillis: 900 }),
    exportIntervalMillis: 1000,
    exportTimeoutMillis: 900,
  });
  const metrics = new MeterProvider({ resource, readers: [reader] });
  const meter = metrics.getMeter('shop');
  return {
    tracer: traces.getTracer('shop'),
    durations: meter.createHistogram('http.server.request.duration', { unit: 's', description: 'Duration of HTTP server requests' }),
    orders: meter.createCounter('shop.orders', { unit: '{order}', description: 'Orders placed' }),
    close: async () => {
      const closed = Promise.allSettled([traces.shutdown(), metrics.shutdown()]);
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
    },
  };
}
