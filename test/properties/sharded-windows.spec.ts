import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newRunJudge } from '../../src/analysis/judge.js';
import { measureWindows } from '../../src/analysis/window-reader.js';
import type { Cell, ClosedWindow, Metric, RecordingPlan, Verdict } from '../../src/domain/index.js';
import { anyTime, PartRecorder } from '../../src/ingest/part-recorder.js';
import { WindowCollector } from '../../src/ingest/window-collector.js';
import { WindowRecorder } from '../../src/ingest/window-recorder.js';
import { encodeJson } from '../../src/storage/json-codec.js';
import { namedCohorts } from '../support/judge-windows.js';
import { type SpanSample, tracesOf } from '../support/otlp-samples.js';
import { templateOf } from './any-run.js';
import { metricNamed } from './one-metric.js';

const t0 = Date.UTC(2026, 10, 1);
const windowMs = 15_000;
const windowCount = 4;
const limits = { maxSeries: 1_000, maxObservations: 100_000 };
const plan: RecordingPlan = {
  windowMs,
  latenessMs: 5_000,
  attributes: ['http.route', 'k8s.pod.name', 'kind', 'service.name', 'service.version', 'status'],
  values: ['basket.value'],
};
const ofServer = { type: 'pushed', instrument: null, matchers: [{ attribute: 'kind', operator: '=', value: 'server' }] } as const;
const metrics: readonly Metric[] = [
  metricNamed('errors'),
  { ...metricNamed('latency'), of: ofServer } as Metric,
  metricNamed('retries'),
  metricNamed('basket'),
];
const template = templateOf({ chosen: metrics, pods: true });

/** A span and the pod that sent it. */
interface Sent {
  readonly pod: string;
  readonly span: SpanSample;
}

const anySpan: fc.Arbitrary<Sent> = fc
  .record({
    pod: fc.constantFrom('baseline-a', 'baseline-b', 'canary-a'),
    id: fc.integer({ min: 1, max: 2 ** 31 }),
    afterMs: fc.integer({ min: 0, max: windowCount * windowMs - 1 }),
    durationMs: fc.integer({ min: 0, max: 3_000 }),
    status: fc.constantFrom(0, 0, 2),
    basket: fc.integer({ min: 1, max: 4_000 }),
  })
  .map(({ pod, id, afterMs, durationMs, status, basket }) => {
    return {
      pod,
      span: { id, endMs: t0 + afterMs, durationMs, status, attributes: { 'basket.value': basket / 4, 'http.route': `/${id % 3}` } },
    };
  });
const traffic = fc.uniqueArray(anySpan, { minLength: 1, maxLength: 60, selector: ({ span }) => span.id });

const request = (pod: string, spans: readonly SpanSample[]): object => {
  const version = pod.split('-')[0] as string;
  return tracesOf({ 'service.name': 'shop', 'service.version': version, 'k8s.pod.name': pod }, spans);
};

/** One recorder, one request for each pod. */
function inOnePlace(sent: readonly Sent[]): ClosedWindow[] {
  const recorder = new WindowRecorder(plan);
  for (const pod of new Set(sent.map((one) => one.pod)))
    recorder.recordDocument(
      request(
        pod,
        sent.flatMap((one) => (one.pod === pod ? [one.span] : [])),
      ),
    );
  return recorder.closeAll();
}

/** As many receiving threads, every span in a request of its own, parts handed over at other moments. */
function sharded(sent: readonly Sent[], threads: number, shuffle: readonly number[]): ClosedWindow[] {
  const collector = new WindowCollector(plan, { maxSeries: limits.maxSeries, maxAgeMs: 3_600_000 }, t0);
  const recorders = Array.from({ length: threads }, () => new PartRecorder(plan, limits));
  const order = sent
    .map((one, index) => ({ one, at: shuffle[index % shuffle.length] as number, index }))
    .sort((a, b) => a.at - b.at || b.index - a.index);
  for (const { one, at } of order) {
    const thread = at % threads;
    const recorder = recorders[thread] as PartRecorder;
    recorder.record(recorder.readDocument(request(one.pod, [one.span])), anyTime);
    if (at % 3 === 0) collector.merge(recorder.take(t0), thread, t0);
  }
  for (const [thread, recorder] of recorders.entries()) collector.merge(recorder.take(t0), thread, t0);
  const end = t0 + 10 * windowCount * windowMs;
  return [...collector.close(end, end).windows];
}

/** Squares are sums of doubles and may differ in their last digit; cells have no order. */
const comparable = (windows: readonly ClosedWindow[]): unknown =>
  windows.map((window) => ({ ...window, cells: window.cells.map(comparableCell).sort((a, b) => (a.key < b.key ? -1 : 1)) }));

function comparableCell({ sumOfSquares, ...cell }: Cell): { key: string; squares: string; cell: unknown } {
  const attributes = Object.fromEntries(Object.entries(cell.attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    key: encodeJson([cell.signal, cell.instrument, attributes]),
    squares: sumOfSquares.toPrecision(10),
    cell: { ...cell, attributes },
  };
}

/** The verdict after each of these windows. */
function verdicts(windows: readonly ClosedWindow[], change: (window: ClosedWindow) => ClosedWindow = (window) => window): Verdict[] {
  const slices = Array.from({ length: windowCount }, (_, index) => ({ from: t0 + index * windowMs, to: t0 + (index + 1) * windowMs }));
  const run = { template, cohorts: namedCohorts(template), phaseChanges: [] };
  const judging = newRunJudge({ template, from: new Date(t0) }, []);
  return measureWindows(run, slices, { stored: windows.map(change) }).map((window) => {
    judging.add(window);
    return judging.verdict();
  });
}

const seeded = { seed: 20_261_125, numRuns: 20 };

describe('telemetry that several receivers share', () => {
  it('closes as the same windows and is judged the same, however it is divided and in whatever order it comes', () => {
    fc.assert(
      fc.property(
        traffic,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 17 }),
        (sent, threads, shuffle) => {
          const [one, many] = [inOnePlace(sent), sharded(sent, threads, shuffle)];
          expect(comparable(many)).toEqual(comparable(one));
          expect(encodeJson(verdicts(many))).toBe(encodeJson(verdicts(one)));
        },
      ),
      seeded,
    );
  });

  it('is judged the same in whatever order the cells of a window are kept', () => {
    fc.assert(
      fc.property(traffic, (sent) => {
        const windows = inOnePlace(sent);
        const turned = verdicts(windows, (window) => ({ ...window, cells: window.cells.toReversed() }));
        expect(encodeJson(turned)).toBe(encodeJson(verdicts(windows)));
      }),
      seeded,
    );
  });
});
