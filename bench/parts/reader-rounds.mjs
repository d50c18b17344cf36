// One process of reader.bench.mjs: prints what it measured as JSON.
import { PerformanceObserver } from 'node:perf_hooks';
import protobuf from 'protobufjs';
import { built } from './built.mjs';
import { renumber, traceBodies } from './otlp-bodies.mjs';

const { PartRecorder } = await built('ingest/part-recorder.js');
const rounds = 21;
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
const words = bodies.map((body) => new Uint32Array(body.buffer, body.byteOffset, body.length >> 2));
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

/** Every word of the bodies, once. */
function scanAll() {
  let all = 0;
  for (const body of words) for (let at = 0; at < body.length; at++) all ^= body[at];
  return all;
}

/** All that a receiving thread does with requests after they arrived: read, count, and hand over what was counted. */
function recordAll() {
  const accepted = recordBodies();
  if (accepted !== spans) throw new Error(`${accepted} of ${spans} spans were counted`);
  return recorder.take(0);
}

function recordBodies() {
  let accepted = 0;
  for (const body of bodies) accepted += recorder.record(recorder.read('traces', 'protobuf', body), times).accepted;
  return accepted;
}

function decodeAll() {
  let resources = 0;
  for (const body of bodies) resources += request.decode(body).resourceSpans.length;
  return resources;
}

function nanosecondsPerSpan(work) {
  const begun = performance.now();
  work();
  return ((performance.now() - begun) * 1e6) / spans;
}

let requests = 0;
/** Requests with the ids of earlier ones would not be counted. */
const nextRequests = () => bodies.forEach((body) => renumber(body, ++requests));

const took = { scan: [], reader: [], protobufjs: [] };
let rows = 0;
for (let round = 0; round < rounds; round++) {
  nextRequests();
  gc();
  took.scan.push(nanosecondsPerSpan(scanAll));
  took.reader.push(nanosecondsPerSpan(() => (rows = rowsOf(recordAll()))));
  took.protobufjs.push(nanosecondsPerSpan(decodeAll));
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
  recordBodies();
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
const ratios = took.reader.map((reader, round) => reader / took.scan[round]);
process.stdout.write(
  JSON.stringify({
    scan: Math.min(...took.scan),
    reader: Math.min(...took.reader),
    protobufjs: Math.min(...took.protobufjs),
    ofRounds: [quantile(ratios, 0.1), quantile(ratios, 0.9)],
    bytesPerSpan: bodies.reduce((sum, { length }) => sum + length, 0) / spans,
    ...rows,
    grown: { bytes: quantile(grown, 0.5), spans, rounds: allocationRounds, collections },
  }),
);
