import { credentials, Client as GrpcClient, type ServiceError } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DiagLogLevel, diag, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPLogExporter as LogsOverProtobuf } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as MetricsOverGrpc } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as MetricsOverJson } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as MetricsOverProtobuf } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as TracesOverGrpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as TracesOverJson } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as TracesOverProtobuf } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Cell, ClosedWindow } from '../../src/domain/index.js';
import { StoreUnavailableError } from '../../src/domain/index.js';
import { IngestServer } from '../../src/ingest/index.js';
import { type Database } from '../../src/storage/index.js';
import { exportTraces, framed, GrpcCaller } from '../support/grpc-caller.js';
import { type IngestUnderTest, quickPlan, startIngest, until } from '../support/otlp-ingest.js';
import { encodeOtlp } from '../support/otlp-proto.js';
import { tracesOf } from '../support/otlp-samples.js';
import { openMemoryStore, patienceMs } from '../support/stores.js';

let database: Database;
let ingest: IngestUnderTest;

beforeAll(async () => {
  database = await openMemoryStore();
}, patienceMs);
afterEach(() => ingest.stop());
afterAll(() => database.close());

const attributes = ['http.route', 'kind', 'service.name', 'service.version', 'status'];
const start = async (options: Parameters<typeof startIngest>[2]): Promise<void> => {
  ingest = await startIngest(IngestServer, database, { ...options, otlp: { grpcPort: 0, ...options?.otlp } });
};

interface Way {
  readonly over: 'json' | 'protobuf' | 'grpc';
  readonly compression: 'gzip' | 'none';
}

const ways: readonly Way[] = (['json', 'protobuf', 'grpc'] as const).flatMap((over) =>
  (['none', 'gzip'] as const).map((compression) => ({ over, compression })),
);
const urlOf = ({ over }: Way, signal: string): string =>
  over === 'grpc' ? `http://127.0.0.1:${ingest.server.grpcPort}` : `${ingest.url}/v1/${signal}`;
const serviceOf = ({ over, compression }: Way, what = ''): string => `${over} ${compression} ${what}`.trim();
const resourceOf = (service: string): Resource => resourceFromAttributes({ 'service.name': service, 'service.version': '1.2.3' });

/** What is stored of a service, but for its name and for the ids of its traces. */
function kept(windows: readonly ClosedWindow[], service: string): object[] {
  const bare = ({ attributes: { 'service.name': _, ...others }, exemplars, ...cell }: Cell): object => ({ ...cell, attributes: others });
  return windows.filter((window) => window.service === service).map(({ from, to, cells }) => ({ from, to, cells: cells.map(bare) }));
}

const cellsOf = (windows: readonly ClosedWindow[], service: string): Cell[] =>
  windows.filter((window) => window.service === service).flatMap(({ cells }) => [...cells]);

const countOf = (cells: readonly Cell[]): number => cells.reduce((sum, { count }) => sum + count, 0);

describe('The public JavaScript exporters', () => {
  it('push the same spans as JSON, protobuf and gRPC, plain and packed, into the same windows', async () => {
    await start({ plan: { windowMs: 60_000, latenessMs: 300, attributes, values: [] } });
    const endedAt = Date.now() - 1_800_000; // long past, so that the window closes without a minute's wait
    for (const way of ways) await pushSpans(serviceOf(way), spanExporter(way), endedAt);
    const windows = await until(ingest.stored, (stored) => ways.every((way) => countOf(cellsOf(stored, serviceOf(way))) >= 20));
    const [first = {}, ...others] = ways.map((way) => kept(windows, serviceOf(way)));
    expect(cellsOf(windows, serviceOf(ways[0] as Way))).toMatchObject([
      { attributes: { status: 'error', kind: 'server', 'http.route': '/a', 'service.version': '1.2.3' }, count: 3, sum: 0.375 },
      { attributes: { status: 'unset', kind: 'server', 'http.route': '/a', 'service.version': '1.2.3' }, count: 17, sum: 2.125 },
    ]);
    for (const other of others) expect(other).toEqual(first);
  }, 90_000);

  it.each([
    ['delta', AggregationTemporality.DELTA],
    ['cumulative', AggregationTemporality.CUMULATIVE],
  ])(
    'push the same %s metrics by all ways into the same windows',
    async (name, temporality) => {
      await start({ plan: { windowMs: 1_000, latenessMs: 6_000, attributes, values: [] } });
      for (const collected of await collect(temporality)) {
        await Promise.all(
          ways.map(async (way) => {
            const exporter = metricExporter(way);
            await exported(exporter, { ...collected, resource: resourceOf(serviceOf(way, name)) });
            await exporter.shutdown();
          }),
        );
      }
      const of = (windows: readonly ClosedWindow[], way: Way, instrument: string): Cell[] =>
        cellsOf(windows, serviceOf(way, name)).filter((cell) => cell.instrument === instrument);
      const windows = await until(ingest.stored, (stored) => ways.every((way) => countOf(of(stored, way, 'requests')) >= 30));
      for (const way of ways) {
        expect(['requests', 'latency', 'sizes'].map((instrument) => countOf(of(windows, way, instrument)))).toEqual([30, 30, 30]);
        expect(kept(windows, serviceOf(way, name))).toEqual(kept(windows, serviceOf(ways[0] as Way, name)));
      }
      const [latency, sizes, queue] = ['latency', 'sizes', 'queue'].map((instrument) => of(windows, ways[0] as Way, instrument).at(-1));
      expect([latency?.histogram?.kind, latency?.attributes['http.route'], sizes?.histogram?.kind]).toEqual([
        'explicit',
        '/a',
        'exponential',
      ]);
      expect(queue).toMatchObject({ signal: 'gauge', last: 7 });
    },
    90_000,
  );

  it('push logs, which are accepted', async () => {
    await start({});
    const heard: string[] = [];
    diag.setLogger(loggerInto(heard), DiagLogLevel.WARN);
    const exporter = new LogsOverProtobuf({ url: `${ingest.url}/v1/logs` });
    const provider = new LoggerProvider({ resource: resourceOf('logs'), processors: [new BatchLogRecordProcessor({ exporter })] });
    provider.getLogger('spec').emit({ severityNumber: 17, body: 'it broke' });
    await provider.forceFlush();
    await provider.shutdown();
    diag.disable();
    expect(heard.filter((message) => !/partial success/i.test(message))).toEqual([]);
  }, 60_000);
});

describe('Senders that are asked to wait', () => {
  it.each(['json', 'protobuf'] as const)(
    'over http/%s come again after 429 until they are accepted, and are counted once',
    async (over) => {
      await start({ otlp: { maxBodyBytes: 2 ** 20, maxBytesInFlight: 2 ** 20 + 4_096 } });
      const service = `patient ${over}`;
      const hog = new GrpcCaller(ingest.server.grpcPort as number);
      const held = hog.open(exportTraces);
      held.write(framed(Buffer.alloc(2 ** 20)).subarray(0, 1_045_000)); // with what the call itself counts, there is room for nobody else
      await until(
        async () => (await ingest.post('/v1/traces', encodeOtlp('Traces', tracesOf({}, [{ endMs: 0 }])), protobuf)).status,
        (status) => status === 429,
      );
      const pushed = untilRetrying(() => pushSpans(service, spanExporter({ over, compression: 'none' }), Date.now()));
      await pushed.retrying;
      hog.close();
      await pushed.done;
      const windows = await until(ingest.stored, (stored) => countOf(cellsOf(stored, service)) > 0);
      expect(countOf(cellsOf(windows, service))).toBe(20);
    },
    90_000,
  );

  it('come again after 503 and UNAVAILABLE while the store is down, and are counted once', async () => {
    let down = true;
    const stored: ClosedWindow[] = [];
    const append = async (windows: readonly ClosedWindow[]): Promise<number> => {
      if (down) throw new StoreUnavailableError('down for a spec');
      stored.push(...windows);
      return windows.length;
    };
    await start({
      store: { append, newestEnd: async () => null, hasRoom: () => true },
      otlp: { maxSeries: 2 },
      plan: { ...quickPlan, latenessMs: 1_000 },
    });
    for (let index = 0; index < 15; index += 1) {
      const early = tracesOf({ 'service.name': 'early' }, [{ endMs: Date.now() - index * 5_000 }]);
      await ingest.post('/v1/traces', encodeOtlp('Traces', early), protobuf);
    }
    const plain = new GrpcCaller(ingest.server.grpcPort as number);
    await until(
      () => plain.call(exportTraces, framed(new Uint8Array(0))),
      ({ status }) => status === 14,
    );
    plain.close();
    const http = untilRetrying(() => pushSpans('over http', spanExporter({ over: 'protobuf', compression: 'gzip' }), Date.now()));
    const grpc = exportWithRetries(encodeOtlp('Traces', tracesOf({ 'service.name': 'over grpc' }, [{ endMs: Date.now() }])));
    await http.retrying;
    down = false;
    await Promise.all([http.done, grpc]);
    await until(
      () => ['over http', 'over grpc'].map((service) => countOf(cellsOf(stored, service))),
      ([overHttp, overGrpc]) => overHttp === 20 && overGrpc === 1,
    );
  }, 120_000);
});

const protobuf = { 'content-type': 'application/x-protobuf' };

function spanExporter(way: Way): SpanExporter {
  const options = { url: urlOf(way, 'traces'), compression: way.compression as never };
  if (way.over === 'grpc') return new TracesOverGrpc(options);
  return way.over === 'json' ? new TracesOverJson(options) : new TracesOverProtobuf(options);
}

function metricExporter(way: Way): PushMetricExporter {
  const options = { url: urlOf(way, 'metrics'), compression: way.compression as never };
  if (way.over === 'grpc') return new MetricsOverGrpc(options);
  return way.over === 'json' ? new MetricsOverJson(options) : new MetricsOverProtobuf(options);
}

/** 20 requests of 125 ms that end together, 3 of which fail. */
async function pushSpans(service: string, exporter: SpanExporter, endedAt: number): Promise<void> {
  const provider = new TracerProvider({ resource: resourceOf(service), spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('spec');
  for (let index = 0; index < 20; index += 1) {
    const given = { 'http.route': '/a', secret: 's' };
    const span = tracer.startSpan('GET', { kind: SpanKind.SERVER, startTime: endedAt - 125, attributes: given });
    if (index < 3) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endedAt);
  }
  await provider.forceFlush();
  await provider.shutdown();
}

/** Three collections of 10 measurements each, as a service would make them. */
async function collect(temporality: AggregationTemporality): Promise<ResourceMetrics[]> {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const exponential = { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const;
  const provider = new MeterProvider({ readers: [reader], views: [{ instrumentName: 'sizes', aggregation: exponential }] });
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
  const collected = structuredClone(exporter.getMetrics().map(({ scopeMetrics }) => scopeMetrics));
  await provider.shutdown();
  return collected.map((scopeMetrics) => ({ resource: resourceOf('nobody'), scopeMetrics }));
}

const exported = (exporter: PushMetricExporter, metrics: ResourceMetrics): Promise<void> =>
  new Promise((resolve, reject) =>
    exporter.export(metrics, ({ code, error }) => (code === 0 ? resolve() : reject(error ?? new Error(`code ${code}`)))),
  );

/** Starts something that exports. @returns when an exporter has said that it will come again, and when all is done */
function untilRetrying(work: () => Promise<void>): { readonly retrying: Promise<void>; readonly done: Promise<void> } {
  const heard: string[] = [];
  diag.setLogger(loggerInto(heard), DiagLogLevel.ALL);
  const retrying = until(
    () => heard,
    (messages) => messages.some((message) => message.includes('Scheduling export retry')),
  ).then(() => undefined);
  return { retrying, done: work().finally(() => diag.disable()) };
}

function loggerInto(heard: string[]): Parameters<typeof diag.setLogger>[0] {
  const hear = (message: string): void => void heard.push(message);
  return { verbose: hear, debug: hear, info: hear, warn: hear, error: hear };
}

/** The exporter of gRPC in JavaScript does not come again, but gRPC's own client does where it is told to. */
function exportWithRetries(request: Uint8Array): Promise<void> {
  const retryPolicy = {
    maxAttempts: 5,
    initialBackoff: '1s',
    maxBackoff: '5s',
    backoffMultiplier: 2,
    retryableStatusCodes: ['UNAVAILABLE'],
  };
  const client = new GrpcClient(`127.0.0.1:${ingest.server.grpcPort}`, credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify({ methodConfig: [{ name: [{}], retryPolicy }] }),
  });
  const bytes = (value: Uint8Array): Buffer => Buffer.from(value);
  return new Promise<void>((resolve, reject) => {
    client.makeUnaryRequest(exportTraces, bytes, bytes, request, (error: ServiceError | null) => {
      client.close();
      if (error) reject(error);
      else resolve();
    });
  });
}
