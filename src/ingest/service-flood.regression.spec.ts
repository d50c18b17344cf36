import { describe, expect, it } from '@jest/globals';
import { type SpanSample, tracesOf } from '../../test/support/otlp-samples.js';
import type { ClosedWindow, RecordingPlan } from '../domain/index.js';
import { anyTime, PartRecorder } from './part-recorder.js';
import { WindowCollector } from './window-collector.js';

const t0 = 1_700_000_010_000;
const plan: RecordingPlan = {
  windowMs: 15_000,
  latenessMs: 5_000,
  attributes: ['http.route', 'kind', 'service.name', 'status'],
  values: [],
};

/** A collector that is asked to keep the spans of a great many services. */
class Flooded {
  readonly collector: WindowCollector;
  private readonly recorder: PartRecorder;

  constructor(services: readonly string[] = []) {
    this.collector = new WindowCollector({ ...plan, services }, { maxSeries: 1_500, maxAgeMs: 3_600_000 }, t0);
    this.recorder = new PartRecorder(plan, { maxSeries: 10_000, maxObservations: 100_000 });
  }

  send(service: string, spans: readonly SpanSample[]): void {
    this.recorder.record(this.recorder.readDocument(tracesOf({ 'service.name': service }, spans)), anyTime);
  }

  flood(names: string, endMs: number, count = 3_000): void {
    for (let index = 0; index < count; index += 1) this.send(`${names}-${index}`, [{ endMs }]);
    this.handOver(endMs);
  }

  handOver(now: number): void {
    this.collector.merge(this.recorder.take(now), 0, now);
  }

  close(now: number): readonly ClosedWindow[] {
    return this.collector.close(now, now).windows;
  }
}

const spansIn = (windows: readonly ClosedWindow[]): number =>
  windows.flatMap(({ cells }) => cells).reduce((sum, { count }) => sum + count, 0);
const windowOf = (windows: readonly ClosedWindow[], name: string): readonly ClosedWindow[] =>
  windows.filter(({ service }) => service === name);

describe('a flood of service names', () => {
  it('leaves room for a service that a template or a run names, though it comes last', () => {
    const rig = new Flooded(['shop']);
    rig.flood('scan', t0 + 100);
    rig.send('shop', [{ endMs: t0 + 200 }, { endMs: t0 + 300 }]);
    rig.handOver(t0 + 300);
    expect(spansIn(windowOf(rig.close(t0 + 20_000), 'shop'))).toBe(2);
  });

  it('leaves room for a service that was in an earlier window, though the names change', () => {
    const rig = new Flooded();
    rig.send('shop', [{ endMs: t0 }]);
    rig.handOver(t0);
    rig.close(t0 + 20_000);
    for (const window of [1, 2, 3]) {
      const endMs = t0 + window * 15_000 + 6_000;
      rig.flood(`scan-${window}`, endMs);
      rig.send('shop', [{ endMs }]);
      rig.handOver(endMs);
      const closed = rig.close(t0 + (window + 1) * 15_000 + 5_000);
      expect(spansIn(windowOf(closed, 'shop'))).toBe(1);
      expect(closed.length).toBeLessThanOrEqual(1_002);
    }
  });

  it('is counted as overflow once, and loses no span', () => {
    const rig = new Flooded();
    rig.flood('scan', t0 + 100);
    rig.flood('scan', t0 + 200);
    const windows = rig.close(t0 + 20_000);
    const [unknown] = windowOf(windows, 'unknown_service');
    expect(spansIn(windows)).toBe(6_000);
    expect(unknown?.flags.overflow).toBe(spansIn(unknown ? [unknown] : []));
    expect(unknown?.flags.overflow).toBe(4_000);
  });
});
