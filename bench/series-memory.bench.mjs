// Memory of series whose windows are open, by the real path: bytes of OTLP are counted by a receiving thread's recorder, whose parts
// are cloned as they are on their way to the main thread, and merged into windows there. Each of the 20 000 series is open in two windows,
// as between the end of one and its closing, and the receiving thread has one more part in the making. What the two take before any
// series is met is left out: it is the same for one series and for all.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { built } from './parts/built.mjs';
import { traceBody } from './parts/otlp-bodies.mjs';
import { Report } from './parts/timing.mjs';

const { PartRecorder, anyTime } = await built('ingest/part-recorder.js');
const { WindowCollector } = await built('ingest/window-collector.js');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');
const t0 = 1_700_000_010_000;
const windowMs = 15_000;
const plan = {
  windowMs,
  latenessMs: 5_000,
  attributes: ['http.route', 'kind', 'service.instance.id', 'service.name', 'service.version', 'status'],
  values: [],
  cohorts: ['service.version'],
};
const [series, requests] = [20_000, 24]; // 10 services of 2 cohorts of 100 pods that serve 10 routes
const traffic = {
  resources: 2_000,
  services: Array.from({ length: 10 }, (_, index) => `service-${index}`),
  spans: 40_000,
  fails: () => false,
};

/** What the process holds, without what it has only not thrown away yet; `external` has array buffers in it. */
function megabytes() {
  for (let round = 0; round < 3; round++) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

let recorder = new PartRecorder(plan, { maxSeries: series, maxObservations: Infinity });
let collector = new WindowCollector(plan, { maxSeries: series, maxAgeMs: 3_600_000 }, t0);

function record(batch) {
  const body = traceBody({ ...traffic, batch, endMs: t0 + (1 + (batch % 2)) * windowMs - 1 });
  recorder.record(recorder.read('traces', 'protobuf', body), anyTime);
}

/** Hands over what was recorded, as a thread does. */
function handOver() {
  const part = recorder.take(t0);
  collector.merge(structuredClone(part, { transfer: [part.rows.buffer, part.exemplars.buffer] }), 0, t0);
}

const empty = megabytes();
for (let batch = 0; batch < requests; batch++) {
  record(batch);
  if (batch < requests - 1) handOver();
}
const full = megabytes();
handOver();
recorder = null;
const withoutThread = megabytes();
const { windows } = collector.close(t0 + 10 * windowMs, t0 + 10 * windowMs);
collector = null;
const cells = windows.flatMap((window) => window.cells);
const overflow = windows.reduce((sum, { flags }) => sum + flags.overflow, 0);
const each = cells.reduce((sum, { histogram }) => sum + histogram.counts.length, 0) / cells.length;

const report = new Report();
const perThousand = (of) => (of / series) * 1_000;
report.line(
  `${series} series in ${cells.length} cells of two windows, ${each.toFixed(0)} buckets each, ${overflow} observations in overflow`,
);
report.line(
  `MB per 1 000 series: receiving thread ${perThousand(full - withoutThread).toFixed(2)}, main thread ${perThousand(withoutThread - empty).toFixed(2)}`,
);
if (overflow > 0 || cells.length < 1.98 * series) {
  report.line('series are missing: this measured something else');
  report.failed = true;
}
report.atMost('memory per 1 000 series with open windows', perThousand(full - empty), 4, ' MB');
process.exitCode = report.failed ? 1 : 0;
