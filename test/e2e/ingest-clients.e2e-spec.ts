import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPMetricExporter as MetricsOverJson } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as MetricsOverProtobuf } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as TracesOverJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as TracesOverProtobuf } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Cell, ClosedWindow } from '../../src/domain/index.js';
import { IngestServer } from '../../src/ingest/index.js';
import { type Database } from '../../src/storage/index.js';
import { type IngestUnderTest, startIngest, until } from '../support/otlp-ingest.js';
import { openMemoryStore, patienceMs } from '../support/stores.js';

let database: Database;
let ingest: IngestUnderTest;

beforeAll(async () => {
  database = await openMemoryStore();
}, patienceMs);
beforeEach(async () => {
  ingest = await startIngest(IngestServer, database, { plan: { windowMs: 60_000, latenessMs: 300, attributes, values: [] } });
});
afterEach(() => ingest.stop());
afterAll(() => database.close());

const attributes = ['http.route', 'kind', 'service.name', 'service.version', 'status'];
const anHourAgo = Date.now() - 1_800_000;

/** Windows of one service once there are any; times are half an hour old, so that they close without waiting for a minute. */
const windowsOf = (service: string): Promise<ClosedWindow[]> =>
  until(
    async () => (await ingest.stored()).filter((window) => window.service === service),
    (windows) => windows.length > 0,
  );

const resourceOf = (service: string): Resource => resourceFromAttributes({ 'service.name': service, 'service.version': '1.2.3' });

describe('The public JavaScript exporters', () => {
  it.each([
    ['http/json', TracesOverJson, undefined],
    ['http/json with gzip', TracesOverJson, 'gzip'],
    ['http/protobuf', TracesOverProtobuf, undefined],
    ['http/protobuf with gzip', TracesOverProtobuf, 'gzip'],
  ] as const)(
    'push spans over %s',
    async (name, Exporter, compression) => {
      const exporter = new Exporter({ url: `${ingest.url}/v1/traces`, ...(compression && { compression: compression as never }) });
      const provider = new TracerProvider({ resource: resourceOf(name), spanProcessors: [new BatchSpanProcessor({ exporter })] });
      const tracer = provider.getTracer('spec');
      for (let index = 0; index < 20; index += 1) {
        const span = tracer.startSpan('GET', {
          kind: SpanKind.SERVER,
          startTime: anHourAgo,
          attributes: { 'http.route': '/a', secret: 's' },
        });
        if (index < 3) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end(anHourAgo + 125);
      }
      await provider.forceFlush();
      await provider.shutdown();
      const [window] = await windowsOf(name);
      expect(
        window?.cells.map(({ attributes: { status, kind, 'service.version': version }, count, sum }) => [
          status,
          kind,
          version,
          count,
          sum,
        ]),
      ).toEqual([
        ['error', 'server', '1.2.3', 3, 0.375],
        ['unset', 'server', '1.2.3', 17, 2.125],
      ]);
    },
    90_000,
  );

  it.each([
    ['http/json, delta', MetricsOverJson, AggregationTemporality.DELTA],
    ['http/json, cumulative', MetricsOverJson, AggregationTemporality.CUMULATIVE],
    ['http/protobuf, delta', MetricsOverProtobuf, AggregationTemporality.DELTA],
    ['http/protobuf, cumulative', MetricsOverProtobuf, AggregationTemporality.CUMULATIVE],
  ] as const)(
    'push metrics over %s',
    async (name, Exporter, temporality) => {
      const cells = await pushMetrics(name, new Exporter({ url: `${ingest.url}/v1/metrics`, temporalityPreference: temporality as never }));
      const countOf = (instrument: string): number =>
        cells.filter((cell) => cell.instrument === instrument).reduce((sum, { count }) => sum + count, 0);
      expect([countOf('requests'), countOf('latency'), countOf('sizes')]).toEqual([30, 30, 30]);
      const latency = cells.find(({ instrument }) => instrument === 'latency');
      expect([latency?.histogram?.kind, latency?.attributes['http.route']]).toEqual(['explicit', '/a']);
      expect(cells.find(({ instrument }) => instrument === 'sizes')?.histogram?.kind).toBe('exponential');
      const levels = cells.filter(({ instrument }) => instrument === 'queue');
      expect(levels.at(-1)).toMatchObject({ signal: 'gauge', last: 7 });
    },
    90_000,
  );
});

/** Three exports of 10 measurements each, as a service would make them. Points are of now: the plan's window must pass. */
async function pushMetrics(service: string, exporter: MetricsOverJson | MetricsOverProtobuf): Promise<readonly Cell[]> {
  ingest.server.usePlan({ windowMs: 1_000, latenessMs: 6_000, attributes, values: [] });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const exponential = { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const;
  const provider = new MeterProvider({
    resource: resourceOf(service),
    readers: [reader],
    views: [{ instrumentName: 'sizes', aggregation: exponential }],
  });
  const meter = provider.getMeter('spec');
  const [requests, latency, sizes] = [meter.createCounter('requests'), meter.createHistogram('latency'), meter.createHistogram('sizes')];
  const queue = meter.createGauge('queue');
  for (let round = 0; round < 3; round += 1) {
    for (let index = 0; index < 10; index += 1) {
      requests.add(1, { 'http.route': '/a' });
      latency.record(index * 0.05, { 'http.route': '/a' });
      sizes.record(2 ** (index + round));
    }
    queue.record(5 + round);
    await new Promise((resolve) => setTimeout(resolve, 20)); // the SDK's clock counts milliseconds: no export without time
    await provider.forceFlush();
  }
  await provider.shutdown();
  const windows = await until(
    async () => (await ingest.stored()).filter((window) => window.service === service),
    (stored) =>
      stored.flatMap(({ cells }) => cells).reduce((sum, { instrument, count }) => sum + (instrument === 'requests' ? count : 0), 0) >= 30,
  );
  return windows.flatMap(({ cells }) => cells);
}
