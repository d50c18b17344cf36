import { describe, expect, it } from '@jest/globals';
import type { Cell, ClosedWindow, RecordingPlan } from '../../src/domain/index.js';
import { WindowRecorder } from '../../src/ingest/index.js';
import { encodeOtlp } from '../support/otlp-proto.js';
import { logsOf, metricsOf, nanoseconds, type SpanSample, tracesOf } from '../support/otlp-samples.js';

const t0 = 1_700_000_010_000; // a multiple of 15 s
const plan: RecordingPlan = {
  windowMs: 15_000,
  latenessMs: 5_000,
  attributes: ['http.route', 'kind', 'service.name', 'service.version', 'severity', 'status'],
  values: [],
  cohorts: ['service.version'],
  logs: true,
};
const version = (name: string, service = 'shop'): Record<string, string> => ({ 'service.name': service, 'service.version': name });

const isOverflow = ({ attributes }: Cell): boolean => attributes['otel.metric.overflow'] === 'true';
const countOf = (cells: readonly Cell[]): number => cells.reduce((sum, { count }) => sum + count, 0);
const cellsOf = (windows: readonly ClosedWindow[], service: string, of: string): Cell[] =>
  windows
    .filter((window) => window.service === service)
    .flatMap(({ cells }) => cells.filter(({ attributes }) => attributes['service.version'] === of));

/** Requests of as many spans with a route of their own each, every tenth failed; made by writing digits into one body. */
function* floodOf(routes: number, perRequest: number): Generator<Uint8Array> {
  const spans = Array.from(
    { length: perRequest },
    (_, index): SpanSample => ({
      endMs: t0 + 1,
      attributes: { 'http.route': '/0000000' },
      status: index % 10 === 0 ? 2 : 0,
      id: index + 1,
    }),
  );
  const body = Buffer.from(encodeOtlp('Traces', tracesOf(version('2'), spans)));
  const ids = placesOf(body, Buffer.from([0x0a, 16])).filter((at) => body[at + 18] === 0x12 && body[at + 19] === 8); // a span id follows
  const digits = placesOf(body, Buffer.from('/0000000')).map((at) => at + 1);
  for (let route = 0; route < routes; ) {
    for (const [index, at] of digits.entries()) {
      body.write(String(route++).padStart(7, '0'), at, 'latin1');
      body.writeUInt32LE(route, (ids[index] as number) + 2);
    }
    yield body;
  }
}

function placesOf(body: Buffer, wanted: Buffer): number[] {
  const places: number[] = [];
  for (let at = body.indexOf(wanted); at >= 0; at = body.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

describe('a canary with a million routes', () => {
  const recorder = new WindowRecorder(plan);
  const calm = { endMs: t0 + 1, attributes: { 'http.route': '/pay' } };
  const calmRoutes = Array.from({ length: 30 }, (_, index) => ({ ...calm, attributes: { 'http.route': `/${index}` } }));
  recorder.recordDocument(tracesOf(version('1'), calmRoutes));
  const before = process.memoryUsage().arrayBuffers;
  for (const body of floodOf(1_000_000, 20_000)) {
    recorder.record('traces', 'protobuf', body);
    recorder.recordDocument(tracesOf(version('1', 'other'), [calm]));
  }
  recorder.recordDocument(tracesOf(version('1'), calmRoutes));
  const grownBy = process.memoryUsage().arrayBuffers - before;
  const windows = recorder.closeAll();
  const canary = cellsOf(windows, 'shop', '2');

  it('has a thousand series, and the rest in its own overflow series', () => {
    expect(canary.filter((cell) => !isOverflow(cell))).toHaveLength(1_000);
    expect(canary.filter(isOverflow).map(({ attributes }) => attributes)).toEqual(
      ['error', 'unset'].map((status) => ({ ...version('2'), kind: 'server', status, 'otel.metric.overflow': 'true' })),
    );
  });

  it('has every span counted once, errors apart, so that its error rate is still known', () => {
    expect(countOf(canary)).toBe(1_000_000);
    expect(countOf(canary.filter(({ attributes }) => attributes['status'] === 'error'))).toBe(100_000);
    const [shop] = windows.filter(({ service }) => service === 'shop');
    expect(shop?.flags.overflow).toBe(999_000);
  });

  it('leaves the baseline and other services as they are', () => {
    const baseline = cellsOf(windows, 'shop', '1');
    expect(baseline.map(({ count, attributes }) => [count, attributes['http.route']]).sort()).toEqual(
      calmRoutes.map(({ attributes }) => [2, attributes['http.route']]).sort(),
    );
    expect(cellsOf(windows, 'other', '1').map(({ count }) => count)).toEqual([50]);
    expect(windows.find(({ service }) => service === 'other')?.flags.overflow).toBe(0);
  });

  it('takes no more memory than a bounded part of it', () => expect(grownBy / 2 ** 20).toBeLessThan(64));
});

describe('too many series', () => {
  const recorded = (requests: readonly object[], limits = {}): ClosedWindow[] => {
    const recorder = new WindowRecorder(plan, limits);
    for (const request of requests) recorder.recordDocument(request);
    return recorder.closeAll();
  };

  it('of cohorts end in the overflow series that they share, once there are fifty with their own', () => {
    const requests = Array.from({ length: 60 }, (_, index) => tracesOf(version(`v${index}`), [{ endMs: t0 }, { endMs: t0, status: 2 }]));
    const [window] = recorded(requests, { maxCohortSeries: 1 });
    const overflow = (window?.cells ?? []).filter(isOverflow);
    const nameless = overflow.filter(({ attributes }) => attributes['service.version'] === undefined);
    expect(nameless.map(({ attributes, count }) => [attributes['status'], count])).toEqual([
      ['error', 10],
      ['unset', 9],
    ]);
    expect(overflow).toHaveLength(52);
    expect(countOf(window?.cells ?? [])).toBe(120);
    expect(window?.flags.overflow).toBe(69);
  });

  it('of one metric leave room for the others of that cohort', () => {
    const points = Array.from({ length: 20 }, (_, index) => ({
      timeUnixNano: nanoseconds(t0 + 1),
      asInt: '1',
      attributes: [{ key: 'http.route', value: { stringValue: `/${index}` } }],
    }));
    const sum = { isMonotonic: true, aggregationTemporality: 1 };
    const requests = ['loud', 'calm'].map((name, index) =>
      metricsOf(version('2'), name, { sum: { ...sum, dataPoints: points.slice(0, index === 0 ? 20 : 3) } }),
    );
    const [window] = recorded(requests, { maxCohortSeries: 5 });
    const cells = (name: string): (readonly [boolean, number])[] =>
      (window?.cells ?? []).filter(({ instrument }) => instrument === name).map((cell) => [isOverflow(cell), cell.count]);
    expect(cells('loud').sort()).toEqual([...new Array(5).fill([false, 1]), [true, 15]]);
    expect(cells('calm')).toEqual(new Array(3).fill([false, 1]));
    expect(window?.flags.overflow).toBe(15);
  });

  it('of log records keep their severity', () => {
    const records = Array.from({ length: 20 }, (_, index) => ({ atMs: t0, severity: 17, attributes: { 'http.route': `/${index}` } }));
    const [window] = recorded([logsOf(version('2'), records)], { maxCohortSeries: 5 });
    const overflow = (window?.cells ?? []).filter(isOverflow);
    expect(overflow.map(({ attributes, count }) => [attributes['severity'], count])).toEqual([['error', 15]]);
  });
});
