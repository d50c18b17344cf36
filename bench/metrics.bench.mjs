// What a point of a metric costs from the bytes of a request to what is handed over after each request, against decoding the same bytes with protobufjs. The two
// take turns in one process; the fastest round of each counts, because neighbours only ever make one slower.
import protobuf from 'protobufjs';
import { built } from './parts/built.mjs';
import { Report } from './parts/timing.mjs';

const { PartRecorder } = await built('ingest/part-recorder.js');
const rounds = 41;
const bodyCount = 16;
const pointsPerBody = 1_000;
const streams = 4_000;
const plan = {
  windowMs: 1_000,
  latenessMs: 1_000,
  attributes: ['http.route', 'k8s.pod.name', 'service.name', 'service.version'],
  values: [],
};
const times = { oldestMs: 0, newestMs: Number.MAX_SAFE_INTEGER };

const { root } = protobuf.parse(`
  syntax = "proto3";
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Scope { string name = 1; string version = 2; }
  message Metrics { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message Metric { string name = 1; string description = 2; string unit = 3; Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
  message Gauge { repeated NumberPoint data_points = 1; }
  message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
  message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
  message NumberPoint { fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; double as_double = 4; sfixed64 as_int = 6;
    repeated KeyValue attributes = 7; uint32 flags = 8; }
  message HistogramPoint { fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5;
    repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated KeyValue attributes = 9; uint32 flags = 10; }`);
const request = root.lookupType('Metrics');

const attributesOf = (texts) => Object.entries(texts).map(([key, stringValue]) => ({ key, value: { stringValue } }));
const resource = {
  'service.name': 'checkout',
  'service.version': '1.42.0',
  'k8s.pod.name': 'checkout-7d9f8b6c5-x2x8q',
  'host.name': 'node-17',
};
const ofStream = (stream) =>
  attributesOf({
    'http.request.method': ['GET', 'POST', 'PUT'][stream % 3],
    'http.route': `/orders/{id}/${stream % 40}`,
    'http.response.status_code': ['200', '404', '500'][(stream >> 2) % 3],
    'server.address': `shop-${Math.floor(stream / 40)}`,
    'url.scheme': 'https',
  });

/** The times of its points are written anew before each round, so that no request is one that was there before. */
function bodyOf(number, dataOf) {
  const points = Array.from({ length: pointsPerBody }, (_, index) => ({
    startTimeUnixNano: 1_700_000_000_000_000_000,
    timeUnixNano: 1_700_000_001_000_000_000,
    attributes: ofStream((number * pointsPerBody + index) % streams),
  }));
  const scope = { name: '@opentelemetry/instrumentation-http', version: '0.58.0' };
  const metrics = [{ name: 'http.server.requests', description: 'Requests', unit: '{request}', ...dataOf(points) }];
  const resourceMetrics = [{ resource: { attributes: attributesOf(resource) }, scopeMetrics: [{ scope, metrics }] }];
  return Buffer.from(request.encode(request.fromObject({ resourceMetrics })).finish());
}

const bounds = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];
const counters = (points) => ({
  sum: { dataPoints: points.map((point, index) => ({ ...point, asDouble: index + 1 })), aggregationTemporality: 2, isMonotonic: true },
});
const histograms = (points) => ({
  histogram: {
    dataPoints: points.map((point) => ({ ...point, count: 30, sum: 900, bucketCounts: Array(15).fill(2), explicitBounds: bounds })),
    aggregationTemporality: 2,
  },
});

const timeTag = 0x19;
const written = 1_700_000_001_000_000_000n;
/** @returns where the times of its points stand */
function timesIn(body) {
  const wanted = Buffer.alloc(9, timeTag);
  wanted.writeBigUInt64LE(BigInt(Number(written)), 1);
  const found = [];
  for (let at = body.indexOf(wanted); at >= 0; at = body.indexOf(wanted, at + 9)) found.push(at + 1);
  if (found.length !== pointsPerBody) throw new Error(`${found.length} of ${pointsPerBody} times were found`);
  return found;
}

function measure(name, dataOf) {
  const bodies = Array.from({ length: bodyCount }, (_, number) => bodyOf(number, dataOf));
  const stamps = bodies.map(timesIn);
  const points = bodyCount * pointsPerBody;
  const recorder = new PartRecorder(plan, { maxSeries: 100_000, maxObservations: 50_000 });
  const nanosecondsOf = (work) => {
    const begun = process.hrtime.bigint();
    for (const body of bodies) work(body);
    return Number(process.hrtime.bigint() - begun) / points;
  };
  const fastest = { reader: Number.POSITIVE_INFINITY, protobufjs: Number.POSITIVE_INFINITY };
  for (let round = 1; round <= rounds; round += 1) {
    bodies.forEach((body, index) => {
      for (const at of stamps[index]) body.writeBigUInt64LE(written + BigInt(round * bodyCount + index) * 1_000n, at);
    });
    let handedOver = 0;
    const read = (body) => {
      recorder.record(recorder.read('metrics', 'protobuf', body), times);
      handedOver += recorder.take(0).points.length;
    };
    fastest.reader = Math.min(fastest.reader, nanosecondsOf(read));
    if (handedOver !== points) throw new Error(`${handedOver} of ${points} points were handed over`);
    fastest.protobufjs = Math.min(
      fastest.protobufjs,
      nanosecondsOf((body) => request.decode(body)),
    );
  }
  const bytes = bodies.reduce((sum, { length }) => sum + length, 0) / points;
  report.line(
    `${name}, ${bytes.toFixed(0)} bytes and 5 attributes a point, ${streams} streams: reader ${fastest.reader.toFixed(0)} ns, protobufjs ${fastest.protobufjs.toFixed(0)} ns`,
  );
  return fastest.protobufjs / fastest.reader;
}

const report = new Report();
const ratios = [measure('counters', counters), measure('histograms of 15 buckets', histograms)];
report.atLeast('protobufjs to reader of counters', ratios[0], 3, ' times');
report.atLeast('protobufjs to reader of histograms', ratios[1], 2.5, ' times');
process.exitCode = report.failed ? 1 : 0;
