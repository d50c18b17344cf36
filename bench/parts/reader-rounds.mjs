// One process of reader.bench.mjs: prints what it measured as JSON.
import { PerformanceObserver } from 'node:perf_hooks';
import protobuf from 'protobufjs';
import { built } from './built.mjs';
import { renumber, traceBodies } from './otlp-bodies.mjs';

const { PartRecorder } = await built('ingest/part-recorder.js');
const rounds = 21;
const coldEvery = 3;
const allocationRounds = 20;
const spansPerBody = 768;
const plan = {
  windowMs: 1_000,
  latenessMs: 1_000,
  attributes: ['http.route', 'k8s.pod.name', 'kind', 'service.name', 'service.version', 'status'],
  values: [],
};
const times = { oldestMs: 0, newestMs: Number.MAX_SAFE_INTEGER };
const bodies = traceBodies(96, { spans: spansPerBody });
const wordsOfBodies = bodies.map((body) => new Uint32Array(body.buffer, body.byteOffset, body.length >> 2));
const spans = bodies.length * spansPerBody;
const recorder = new PartRecorder(plan, { maxSeries: 100_000, maxObservations: 50_000 });
const request = protobuf
  .parse(`
  syntax = "proto3";
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message Traces { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
  message Span { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
    repeated Event events = 11; uint32 dropped_events_count = 12; repeated Link links = 13; uint32 dropped_links_count = 14;
    Status status = 15; fixed32 flags = 16; }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5;
    fixed32 flags = 6; }
  message Status { string message = 2; int32 code = 3; }`)
  .root.lookupType('Traces');

/** Memory that every body is copied into, as src/ingest/http1 has it: lent again and again. */
const arrived = Buffer.from(new ArrayBuffer(bodies.reduce((most, { length }) => Math.max(most, length), 4) + 3));
const words = new Uint32Array(arrived.buffer, 0, arrived.length >> 2);

const scan = (body) => {
  let all = 0;
  for (let at = 0, length = body.length >> 2; at < length; at++) all ^= words[at];
  return all;
};
/** Every word of the bodies where they lie, once. */
const scanAll = () => {
  let all = 0;
  for (const body of wordsOfBodies) for (let at = 0; at < body.length; at++) all ^= body[at];
  return all;
};

const read = (body) => recorder.record(recorder.read('traces', 'protobuf', body), times).accepted;
const decode = (body) => request.decode(body).resourceSpans.length;

/** A receiving thread hands over what it counted every tenth of a second; here after each round. @returns ms it takes */
function handOver(accepted) {
  if (accepted !== spans) throw new Error(`${accepted} of ${spans} spans were counted`);
  const begun = performance.now();
  const part = recorder.take(0);
  const milliseconds = performance.now() - begun;
  rows = rowsOf(part);
  return milliseconds;
}

/** @returns what `work` says of all bodies, each read where it lies: no processor has it in its cache */
const overAll = (work) => () => bodies.reduce((sum, body) => sum + work(body), 0);

/** The clock of a body starts when it was copied, as a socket does it, so that it lies in the cache. @returns ns a span */
function hot(work, finish) {
  let [milliseconds, sum] = [0, 0];
  for (const body of bodies) {
    arrived.set(body);
    const here = arrived.subarray(0, body.length);
    const begun = performance.now();
    sum += work(here);
    milliseconds += performance.now() - begun;
  }
  finish?.(sum);
  return (milliseconds * 1e6) / spans;
}

function cold(work, finish) {
  const begun = performance.now();
  const sum = work();
  const milliseconds = performance.now() - begun;
  finish?.(sum);
  return (milliseconds * 1e6) / spans;
}

let requests = 0;
/** Requests with the ids of earlier ones would not be counted. */
const nextRequests = () => {
  for (const body of bodies) renumber(body, ++requests);
};

const took = { hot: { scan: [], reader: [], protobufjs: [] }, cold: { scan: [], reader: [], protobufjs: [] }, handOver: [] };
let rows = 0;
for (let round = 0; round < rounds; round++) {
  nextRequests();
  gc();
  took.hot.scan.push(hot(scan));
  took.hot.reader.push(hot(read, (accepted) => took.handOver.push(handOver(accepted))));
  took.hot.protobufjs.push(hot(decode));
  if (round % coldEvery !== 0) continue;
  nextRequests();
  took.cold.scan.push(cold(scanAll));
  took.cold.reader.push(cold(overAll(read), handOver));
  took.cold.protobufjs.push(cold(overAll(decode)));
}

/** In 10^6 spans and more: what reading and counting leaves on the heap in a round, once everything is warm. */
let collections = 0;
const grown = [];
new PerformanceObserver((list) => (collections += list.getEntries().length)).observe({ entryTypes: ['gc'] });
for (let round = -rounds; round < allocationRounds; round++) {
  nextRequests();
  if (round === 0) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    collections = 0;
  }
  const before = process.memoryUsage().heapUsed;
  overAll(read)();
  if (round >= 0) grown.push(process.memoryUsage().heapUsed - before);
}
await new Promise((resolve) => setTimeout(resolve, 50));

/** Series and windows that the rows of a part speak of. */
function rowsOf({ rows: packed }) {
  const [series, windows] = [new Set(), new Set()];
  for (let at = 0; at < packed.length; at += 9 + packed[at + 8]) {
    series.add(packed[at]);
    windows.add(packed[at + 1]);
  }
  return { series: series.size, windows: windows.size };
}

const quantile = (values, level) => values.toSorted((a, b) => a - b)[Math.round(level * (values.length - 1))];
const ratios = took.hot.reader.map((reader, round) => reader / took.hot.scan[round]);
const fastest = ({ scan, reader, protobufjs }) => ({
  scan: Math.min(...scan),
  reader: Math.min(...reader),
  protobufjs: Math.min(...protobufjs),
});
process.stdout.write(
  JSON.stringify({
    hot: fastest(took.hot),
    cold: fastest(took.cold),
    handOver: Math.min(...took.handOver),
    ofRounds: [quantile(ratios, 0.1), quantile(ratios, 0.9)],
    bytesPerSpan: bodies.reduce((sum, { length }) => sum + length, 0) / spans,
    ...rows,
    grown: { bytes: quantile(grown, 0.5), spans, rounds: allocationRounds, collections },
  }),
);
