import { describe, expect, it } from '@jest/globals';
import { type SpanSample, tracesOf } from '../../test/support/otlp-samples.js';
import type { ClosedWindow, RecordingPlan } from '../domain/index.js';
import { anyTime, PartRecorder } from './part-recorder.js';
import { type Restart, WindowCollector } from './window-collector.js';

const t0 = 1_700_000_010_000; // a multiple of 15 s
const plan: RecordingPlan = {
  windowMs: 15_000,
  latenessMs: 5_000,
  attributes: ['http.route', 'kind', 'service.name', 'status'],
  values: [],
};
const limits = { maxSeries: 100, maxAgeMs: 3_600_000 };

/** Receiving threads and their collector, with a clock that stands where it is put. */
class Rig {
  readonly collector: WindowCollector;

  constructor(restart: Restart | null = null) {
    this.collector = new WindowCollector(plan, limits, t0, restart);
  }

  private recorders = [0, 1].map(() => new PartRecorder(plan, { maxSeries: 100, maxObservations: 1_000 }));

  /** @returns late observations */
  send(now: number, spans: readonly SpanSample[], { thread = 0, service = 'shop' } = {}): number {
    const recorder = this.recorders[thread] as PartRecorder;
    recorder.record(recorder.readDocument(tracesOf({ 'service.name': service }, spans)), anyTime);
    return this.collector.merge(recorder.take(now), thread, now);
  }

  usePlan(next: RecordingPlan, now: number): void {
    const held = this.collector.usePlan(next, now);
    this.recorders = this.recorders.map(() => new PartRecorder(next, { maxSeries: 100, maxObservations: 1_000 }, held));
  }
}

const summary = ({ service, from, to, cells, flags }: ClosedWindow): unknown => [
  service,
  from - t0,
  to - t0,
  cells.reduce((sum, { count }) => sum + count, 0),
  flags.late,
];

describe('WindowCollector', () => {
  it('closes a live window its lateness after its end, and not before', () => {
    const rig = new Rig();
    rig.send(t0 + 1_000, [{ endMs: t0 + 500 }]);
    expect(rig.collector.close(t0 + 19_999, t0 + 19_999)).toEqual({ windows: [], closedThrough: t0, more: false });
    const { windows, closedThrough } = rig.collector.close(t0 + 20_000, t0 + 20_000);
    expect(windows.map(summary)).toEqual([['shop', 0, 15_000, 1, 0]]);
    expect(closedThrough).toBe(t0 + 15_000);
  });

  it('moves on with the clock when nothing comes', () => {
    const { collector } = new Rig();
    expect(collector.close(t0 + 34_999, t0 + 34_999).closedThrough).toBe(t0 + 15_000);
    expect(collector.close(t0 + 35_000, t0 + 35_000).closedThrough).toBe(t0 + 30_000);
  });

  it('never moves back when the clock does', () => {
    const { collector } = new Rig();
    collector.close(t0 + 60_000, t0 + 60_000);
    expect(collector.close(t0, t0).closedThrough).toBe(t0 + 45_000);
  });

  describe('after a restart', () => {
    const restart = { closedThrough: t0 - 60_000, waitUntil: t0 + 15_000 };

    it('counts what is sent again of the time that it was down, and closes all of it together', () => {
      const rig = new Rig(restart);
      rig.send(t0 + 1_000, [{ endMs: t0 - 40_000 }]);
      rig.send(t0 + 14_000, [{ endMs: t0 - 40_000 }, { endMs: t0 - 10_000 }]);
      expect(rig.collector.close(t0 + 14_999, t0 + 14_999)).toEqual({ windows: [], closedThrough: t0 - 60_000, more: false });
      const { windows, closedThrough } = rig.collector.close(t0 + 15_000, t0 + 15_000);
      expect(windows.map(summary)).toEqual([
        ['shop', -45_000, -30_000, 2, 0],
        ['shop', -15_000, 0, 1, 0],
      ]);
      expect(closedThrough).toBe(t0);
    });

    it('closes older telemetry that is fed as ever', () => {
      const rig = new Rig(restart);
      rig.send(t0 + 1_000, [{ endMs: t0 - 3_000_000 }]);
      expect(rig.collector.close(t0 + 6_000, t0 + 6_000).windows).toHaveLength(1);
    });

    it('closes what began since then as ever', () => {
      const rig = new Rig({ ...restart, waitUntil: t0 + 60_000 });
      rig.send(t0 + 1_000, [{ endMs: t0 + 500 }]);
      expect(rig.collector.close(t0 + 20_000, t0 + 20_000).windows.map(summary)).toEqual([['shop', 0, 15_000, 1, 0]]);
    });
  });

  it('waits for the slowest thread before it closes a window', () => {
    const rig = new Rig();
    rig.send(t0 + 1_000, [{ endMs: t0 + 500 }]);
    expect(rig.collector.close(t0 + 19_900, t0 + 25_000).windows).toEqual([]);
    rig.send(t0 + 20_100, [{ endMs: t0 + 600 }], { thread: 1 });
    expect(rig.collector.close(t0 + 20_100, t0 + 25_000).windows.map(summary)).toEqual([['shop', 0, 15_000, 2, 0]]);
  });

  it('puts together what several threads saw of one cell', () => {
    const rig = new Rig();
    for (const thread of [0, 1, 0, 1]) rig.send(t0 + 1_000, [{ endMs: t0 + 500, durationMs: 100 * (thread + 1) }], { thread });
    const [window] = rig.collector.close(t0 + 20_000, t0 + 20_000).windows;
    expect(window?.cells.length).toBe(1);
    expect(window?.cells[0]).toMatchObject({ count: 4, sum: 0.6 });
  });

  it('refuses what comes for a closed window and says so in the next one of that service', () => {
    const rig = new Rig();
    rig.send(t0 + 1_000, [{ endMs: t0 + 500 }]);
    rig.collector.close(t0 + 20_000, t0 + 20_000);
    expect(rig.send(t0 + 21_000, [{ endMs: t0 + 600 }, { endMs: t0 + 700 }, { endMs: t0 + 20_500 }])).toBe(2);
    rig.send(t0 + 21_000, [{ endMs: t0 + 20_000 }], { service: 'other' });
    expect(rig.collector.close(t0 + 35_000, t0 + 35_000).windows.map(summary)).toEqual([
      ['other', 15_000, 30_000, 1, 0],
      ['shop', 15_000, 30_000, 1, 2],
    ]);
  });

  it('closes recorded telemetry that is fed when it has been quiet for long enough', () => {
    const rig = new Rig();
    const past = t0 - 3_000_000;
    rig.send(t0, [{ endMs: past }]);
    rig.send(t0 + 4_000, [{ endMs: past + 1 }]);
    expect(rig.collector.close(t0 + 8_999, t0 + 8_999).windows).toEqual([]);
    expect(rig.collector.close(t0 + 9_000, t0 + 9_000).windows.map((window) => window.cells[0]?.count)).toEqual([2]);
  });

  it('closes recorded telemetry a minute after it began, though it goes on', () => {
    const rig = new Rig();
    for (let second = 0; second < 60; second += 4) rig.send(t0 + second * 1_000, [{ endMs: t0 - 3_000_000 }]);
    expect(rig.collector.close(t0 + 60_000, t0 + 60_000).windows.length).toBe(1);
  });

  it('keeps the length of a window that is open when the plan changes, and overlaps none', () => {
    const rig = new Rig();
    rig.send(t0 + 1_000, [{ endMs: t0 + 500 }]);
    rig.usePlan({ ...plan, windowMs: 10_000 }, t0 + 2_000);
    rig.send(t0 + 3_000, [{ endMs: t0 + 12_000 }, { endMs: t0 + 15_500 }, { endMs: t0 + 20_500 }, { endMs: t0 - 500_000 }]);
    const { windows } = rig.collector.close(t0 + 60_000, t0 + 60_000);
    expect(windows.map(summary)).toEqual([
      ['shop', -500_000, -490_000, 1, 0],
      ['shop', 0, 15_000, 2, 0],
      ['shop', 15_000, 20_000, 1, 0],
      ['shop', 20_000, 30_000, 1, 0],
    ]);
  });

  it('follows a metric stream whichever thread its points come by', () => {
    const { collector } = new Rig();
    const value = (thread: number, seconds: number, asInt: number): void => {
      const recorder = new PartRecorder(plan, { maxSeries: 100, maxObservations: 1_000 });
      recorder.record(recorder.readDocument(counterOf(seconds, asInt)), anyTime);
      collector.merge(recorder.take(t0), thread, t0);
    };
    value(0, 4, 10);
    value(1, 8, 25);
    value(0, 12, 31);
    value(1, 8, 25);
    expect(collector.close(t0 + 20_000, t0 + 20_000).windows.map(summary)).toEqual([['shop', 0, 15_000, 31, 0]]);
  });

  it('bounds the windows of services without end, and loses none of their spans', () => {
    const rig = new Rig();
    for (let index = 0; index < 1_500; index += 1) rig.send(t0 + 1, [{ endMs: t0 }], { service: `s${index}` });
    const { windows } = rig.collector.close(t0 + 200_000, t0 + 200_000);
    expect(windows.length).toBeLessThanOrEqual(1_001);
    expect(windows.flatMap(({ cells }) => cells).reduce((sum, { count }) => sum + count, 0)).toBe(1_500);
    expect(windows.find(({ service }) => service === 'unknown_service')?.flags.overflow).toBeGreaterThanOrEqual(499);
  });

  it('bounds the cells of all windows together', () => {
    const rig = new Rig();
    for (let window = 0; window < 10; window += 1) {
      rig.send(
        t0 + 1,
        Array.from({ length: 100 }, (_, route) => ({ endMs: t0 + window * 15_000, attributes: { 'http.route': `/${route}` } })),
      );
    }
    const { windows } = rig.collector.close(t0 + 200_000, t0 + 200_000);
    const cells = windows.reduce((sum, window) => sum + window.cells.length, 0);
    expect(cells).toBeLessThanOrEqual(5 * 100 + 10);
    expect(windows.flatMap((window) => window.cells).reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
  });
});

function counterOf(seconds: number, asInt: number): object {
  const times = { startTimeUnixNano: `${t0}000000`, timeUnixNano: `${t0 + seconds * 1000}000000` };
  const sum = { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ ...times, asInt: String(asInt) }] };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'requests', sum }] }] }] };
}
