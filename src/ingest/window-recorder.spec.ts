import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeOtlp } from '../../test/support/otlp-proto.js';
import { metricsOf, nanoseconds, type SpanSample, tracesOf } from '../../test/support/otlp-samples.js';
import type { Cell, ClosedWindow } from '../domain/index.js';
import { histogramCount } from '../statistics/index.js';
import { WindowRecorder } from './window-recorder.js';

const t0 = 1_700_000_010_000; // a multiple of 15 s
const plan = {
  windowMs: 15_000,
  latenessMs: 5_000,
  attributes: ['http.route', 'kind', 'service.name', 'service.version', 'status'],
  values: ['http.response.body.size'],
};

function recorded(requests: readonly object[], recorder = new WindowRecorder(plan)): ClosedWindow[] {
  for (const request of requests) recorder.recordDocument(request);
  return recorder.closeAll();
}

const shop = { 'service.name': 'shop', 'service.version': '1' };
const cellsOf = (windows: readonly ClosedWindow[]): readonly Cell[] => windows.flatMap(({ cells }) => cells);

describe('WindowRecorder', () => {
  it('counts a span in the window in which it ended', () => {
    const windows = recorded([
      tracesOf(shop, [{ endMs: t0 - 0.001, durationMs: 40_000 }, { endMs: t0 }, { endMs: t0 + 14_999 }, { endMs: t0 + 15_000 }]),
    ]);
    expect(windows.map(({ from, to, cells }) => [from - t0, to - t0, cells[0]?.count])).toEqual([
      [-15_000, 0, 1],
      [0, 15_000, 2],
      [15_000, 30_000, 1],
    ]);
  });

  it('tells cells apart by the attributes of the plan alone, the span before its resource', () => {
    const spans: SpanSample[] = [
      { endMs: t0, attributes: { 'http.route': '/a', other: 'x' }, status: 2 },
      { endMs: t0, attributes: { 'http.route': '/a', other: 'y' }, status: 2 },
      { endMs: t0, attributes: { 'service.version': '2', status: 'mine' }, kind: 3 },
    ];
    const cells = cellsOf(recorded([tracesOf(shop, spans)])).filter(({ signal }) => signal === 'span');
    expect(cells.map(({ attributes, count }) => [attributes, count])).toEqual([
      [{ 'http.route': '/a', kind: 'server', 'service.name': 'shop', 'service.version': '1', status: 'error' }, 2],
      [{ kind: 'client', 'service.name': 'shop', 'service.version': '2', status: 'unset' }, 1],
    ]);
  });

  it('keeps durations as an exponential histogram, zero apart', () => {
    const [cell] = cellsOf(
      recorded([
        tracesOf(
          shop,
          [0, 250, 250, 500].map((durationMs) => ({ endMs: t0, durationMs })),
        ),
      ]),
    );
    expect(cell).toMatchObject({ count: 4, sum: 1, sumOfSquares: 0.375 });
    expect(cell?.histogram).toMatchObject({ kind: 'exponential', scale: 5, zeroCount: 1, offset: -65 });
    expect(cell?.histogram?.counts).toEqual([2, ...new Array(31).fill(0), 1]);
  });

  it('keeps numeric attributes that the plan asks for as histograms of their own', () => {
    const sizes = [100, 300, -1, 'large'].map((size) => ({ endMs: t0, attributes: { 'http.response.body.size': size } }));
    const cell = cellsOf(recorded([tracesOf(shop, sizes)])).find(({ instrument }) => instrument === 'http.response.body.size');
    expect(cell).toMatchObject({ signal: 'histogram', count: 2, sum: 400, sumOfSquares: 100_000 });
  });

  it('gives the same windows for every order and every division into requests', () => {
    const one = fc.record({
      endMs: fc.oneof(fc.constantFrom(t0, t0 + 7), fc.integer({ min: t0, max: t0 + 60_000 })),
      durationMs: fc.oneof(fc.constantFrom(0, 9), fc.nat({ max: 5_000 })),
      status: fc.constantFrom(0, 2),
      kind: fc.constantFrom(2, 3),
    });
    const spans = fc.array(one, { minLength: 1, maxLength: 30 }).map((all) => all.map((span, index) => ({ ...span, id: 1 + index * 7 })));
    const shuffled = spans.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(shuffled, ([inOrder, mixed]) => {
        const one = recorded([tracesOf(shop, inOrder)]);
        const many = recorded(mixed.map((span) => tracesOf(shop, [span])));
        expect(withoutSquares(many)).toEqual(withoutSquares(one));
      }),
    );
  });

  it('counts a request of spans that is sent again once (I10)', () => {
    const request = tracesOf(shop, [{ endMs: t0 }, { endMs: t0 + 1 }]);
    const recorder = new WindowRecorder(plan);
    const bytes = encodeOtlp('Traces', request);
    const receipts = [1, 2, 3].map(() => recorder.record('traces', 'protobuf', bytes));
    expect(receipts.map(({ accepted }) => accepted)).toEqual([2, 2, 2]);
    expect(cellsOf(recorder.closeAll())[0]?.count).toBe(2);
  });

  it('counts requests that only look alike each for itself', () => {
    const same: SpanSample = { endMs: t0, id: 77 };
    const requests = [
      tracesOf(shop, [same]),
      tracesOf({ ...shop, 'service.version': '2' }, [same]),
      tracesOf(shop, [{ ...same, endMs: t0 + 1 }]),
    ];
    expect(cellsOf(recorded(requests)).reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it('gives the same for cumulative and delta temporality (I11)', () => {
    const increases = fc.array(fc.array(fc.nat({ max: 50 }), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(increases, (steps) => {
        const delta = recorded(pointsOf(steps, 1));
        const cumulative = recorded(pointsOf(runningTotals(steps), 2));
        expect(withoutSquares(cumulative)).toEqual(withoutSquares(delta));
      }),
    );
  });

  it('counts a sum in the window that ends with it, and a gauge in the window in which it was read', () => {
    const atEdge = { timeUnixNano: nanoseconds(t0), startTimeUnixNano: nanoseconds(t0 - 15_000) };
    const windows = recorded([
      metricsOf(shop, 'requests', { sum: { isMonotonic: true, aggregationTemporality: 1, dataPoints: [{ ...atEdge, asInt: '7' }] } }),
      metricsOf(shop, 'heap', { gauge: { dataPoints: [{ ...atEdge, asDouble: 3 }] } }),
    ]);
    expect(windows.map(({ from, cells }) => [from - t0, cells[0]?.instrument])).toEqual([
      [-15_000, 'requests'],
      [0, 'heap'],
    ]);
  });

  it('keeps count, sums and the newest of a gauge, in whatever order its points came', () => {
    const at = (ms: number, asDouble: number): object => ({ timeUnixNano: nanoseconds(t0 + ms), asDouble });
    const [cell] = cellsOf(recorded([metricsOf(shop, 'heap', { gauge: { dataPoints: [at(2_000, -5), at(1_000, 3), at(1_000, 3)] } })]));
    expect(cell).toMatchObject({ signal: 'gauge', count: 2, sum: -2, sumOfSquares: 34, last: -5 });
  });

  it('rounds the count of a counter with fractions and keeps its sum', () => {
    const seconds = [0.4, 0.4, 0.4].map((asDouble, index) => ({ timeUnixNano: nanoseconds(t0 + 1 + index), asDouble }));
    const [cell] = cellsOf(
      recorded([metricsOf(shop, 'cpu', { sum: { isMonotonic: true, aggregationTemporality: 1, dataPoints: seconds } })]),
    );
    expect([cell?.count, cell?.sum]).toEqual([1, expect.closeTo(1.2, 9)]);
  });

  it('keeps explicit and exponential histograms of one name apart', () => {
    const at = { timeUnixNano: nanoseconds(t0 + 1), count: '1', sum: 1 };
    const cells = cellsOf(
      recorded([
        metricsOf(shop, 'latency', {
          histogram: { aggregationTemporality: 1, dataPoints: [{ ...at, bucketCounts: ['1', '0'], explicitBounds: [5] }] },
        }),
        metricsOf(shop, 'latency', {
          exponentialHistogram: {
            aggregationTemporality: 1,
            dataPoints: [{ ...at, scale: 3, positive: { offset: 0, bucketCounts: ['1'] } }],
          },
        }),
      ]),
    );
    expect(cells.map(({ histogram }) => histogram?.kind)).toEqual(['explicit', 'exponential']);
  });

  it('estimates the sum of a histogram that was sent without one', () => {
    const at = { timeUnixNano: nanoseconds(t0 + 1), count: '4', bucketCounts: ['2', '2', '0'], explicitBounds: [1, 3] };
    const [cell] = cellsOf(recorded([metricsOf(shop, 'latency', { histogram: { aggregationTemporality: 1, dataPoints: [at] } })]));
    expect(cell).toMatchObject({ count: 4, sum: 5, sumOfSquares: 8.5 });
  });

  it('puts what is beyond the limit of series into one overflow cell of its cohort, and says how much that is', () => {
    const recorder = new WindowRecorder(plan, { maxSeries: 3 });
    const spans = Array.from({ length: 10 }, (_, index) => ({ endMs: t0, attributes: { 'http.route': `/${index}` } }));
    const [window] = recorded([tracesOf(shop, spans)], recorder);
    expect(window?.cells.length).toBe(4);
    expect(window?.flags.overflow).toBe(7);
    const overflow = window?.cells.find(({ attributes }) => attributes['otel.metric.overflow'] === 'true');
    const kept = { kind: 'server', status: 'unset' };
    expect([overflow?.count, overflow?.attributes]).toEqual([7, { 'otel.metric.overflow': 'true', ...shop, ...kept }]);
  });

  it('loses no span to a flood of attribute values', () => {
    const recorder = new WindowRecorder(plan, { maxSeries: 500 });
    for (let request = 0; request < 30; request += 1) {
      const spans = Array.from({ length: 1_000 }, (_, index) => ({ endMs: t0, attributes: { 'http.route': `/${request}/${index}` } }));
      recorder.recordDocument(tracesOf(shop, spans));
    }
    const [window] = recorder.closeAll();
    expect(window?.cells.reduce((sum, { count }) => sum + count, 0)).toBe(30_000);
    expect(window?.cells.length).toBe(501);
    expect(window?.flags.overflow).toBe(29_500);
  });

  it('names the service of telemetry that does not', () => {
    expect(recorded([tracesOf({}, [{ endMs: t0 }])])[0]?.service).toBe('unknown_service');
  });

  it('keeps all counts of a cell in its histogram', () => {
    const spans = Array.from({ length: 400 }, (_, index) => ({ endMs: t0, durationMs: index * index * 0.37 }));
    const [cell] = cellsOf(recorded([tracesOf(shop, spans)]));
    expect(cell?.histogram && histogramCount(cell.histogram)).toBe(400);
  });
});

/** Sums of squares are floats, and depend on the order in their last digits. */
const withoutSquares = (windows: readonly ClosedWindow[]): object[] =>
  windows.map((window) => ({ ...window, cells: window.cells.map((cell) => ({ ...cell, sumOfSquares: 0 })) }));

function runningTotals(steps: readonly (readonly number[])[]): number[][] {
  const totals = [0, 0, 0];
  return steps.map((step) => step.map((value, index) => (totals[index] = (totals[index] as number) + value)));
}

/** A sum and a histogram, exported every 10 s. Values are integers, so that sums are exact. */
function pointsOf(steps: readonly (readonly number[])[], aggregationTemporality: 1 | 2): object[] {
  return steps.flatMap((counts, step) => {
    const start = aggregationTemporality === 2 ? t0 : t0 + step * 10_000;
    const times = { startTimeUnixNano: nanoseconds(start), timeUnixNano: nanoseconds(t0 + (step + 1) * 10_000) };
    const total = counts.reduce((sum, count) => sum + count, 0);
    const histogram = { ...times, count: String(total), sum: total * 2, bucketCounts: counts.map(String), explicitBounds: [1, 3] };
    return [
      metricsOf(shop, 'requests', {
        sum: { isMonotonic: true, aggregationTemporality, dataPoints: [{ ...times, asInt: String(counts[0]) }] },
      }),
      metricsOf(shop, 'sizes', { histogram: { aggregationTemporality, dataPoints: [histogram] } }),
    ];
  });
}
