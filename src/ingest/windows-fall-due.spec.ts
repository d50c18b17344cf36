import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tracesOf } from '../../test/support/otlp-samples.js';
import type { ClosedWindow, RecordingPlan } from '../domain/index.js';
import { anyTime, PartRecorder } from './part-recorder.js';
import { WindowCollector } from './window-collector.js';
import type { WindowPart } from './window-part.js';

const t0 = 1_700_000_010_000;
const plan: RecordingPlan = { windowMs: 1_000, latenessMs: 300, attributes: ['http.route', 'kind', 'service.name', 'status'], values: [] };
const collectorAt = (startedAt = t0): WindowCollector => new WindowCollector(plan, { maxSeries: 5_000, maxAgeMs: 3_600_000 }, startedAt);

/** Spans of these services that ended at this moment, as a thread hands them over. */
function partOf(endMs: number, { services = ['shop'], routes = 1 } = {}): WindowPart {
  const recorder = new PartRecorder(plan, { maxSeries: 5_000, maxObservations: 50_000 });
  const spans = Array.from({ length: routes }, (_, route) => ({ endMs, attributes: { 'http.route': `/${route}` } }));
  for (const service of services) recorder.record(recorder.readDocument(tracesOf({ 'service.name': service }, spans)), anyTime);
  return recorder.take(endMs);
}

const startsOf = (windows: readonly ClosedWindow[]): string[] => windows.map(({ service, from }) => `${service} ${from - t0}`);

describe('windows that fall due', () => {
  it('are due exactly when closing would close them or move on', () => {
    const anyStep = fc.record({
      waitMs: fc.integer({ min: 0, max: 2_500 }),
      agoMs: fc.integer({ min: -500, max: 8_000 }),
      sends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 20 }), (steps) => {
        const collector = collectorAt();
        let now = t0;
        let through = collector.close(now, now).closedThrough;
        for (const { waitMs, agoMs, sends } of steps) {
          now += waitMs;
          if (sends) collector.merge(partOf(now - agoMs), 0, now);
          const due = collector.isAnyDue(now, now);
          const { windows, closedThrough } = collector.close(now, now);
          expect(due).toBe(windows.length > 0 || closedThrough > through);
          expect(windows.every(({ to }) => to + plan.latenessMs <= now)).toBe(true);
          through = closedThrough;
        }
      }),
      { numRuns: 50 },
    );
  });

  it('close in portions by time and service, and the clock moves on after the last of them', () => {
    const collector = collectorAt();
    for (const endMs of [t0 + 1_500, t0 + 500]) collector.merge(partOf(endMs, { services: ['b', 'a'], routes: 40 }), 0, t0 + 1_500);
    collector.close(t0, t0);
    const closings = Array.from({ length: 3 }, () => collector.close(t0 + 5_000, t0 + 5_000, 50));
    expect(closings.map(({ windows }) => startsOf(windows))).toEqual([['a 0', 'b 0'], ['a 1000', 'b 1000'], []]);
    expect(closings.map(({ more }) => more)).toEqual([true, false, false]);
    expect(closings.map(({ closedThrough }) => closedThrough - t0)).toEqual([-1_000, 4_000, 4_000]);
  });

  it('close as the same windows whether parts are merged at once or in steps', () => {
    const [atOnce, inSteps] = [collectorAt(), collectorAt()];
    const parts = [partOf(t0 + 100, { routes: 700 }), partOf(t0 + 900, { routes: 1_200 })];
    let steps = 0;
    for (const part of parts) {
      atOnce.merge(part, 0, t0);
      for (const _ of inSteps.mergeInSteps(part, 0, t0)) steps += 1;
    }
    expect(steps).toBeGreaterThan(10);
    expect(inSteps.close(t0 + 2_000, t0 + 2_000)).toEqual(atOnce.close(t0 + 2_000, t0 + 2_000));
  });

  it('close once, though the clock jumps back over their end', () => {
    const collector = collectorAt();
    collector.merge(partOf(t0 + 500), 0, t0 + 600);
    expect(startsOf(collector.close(t0 + 1_300, t0 + 1_300).windows)).toEqual(['shop 0']);
    expect(collector.isAnyDue(t0 - 3_600_000, t0 - 3_600_000)).toBe(false);
    expect(collector.merge(partOf(t0 + 500), 0, t0 + 700)).toBe(1);
    const { windows, closedThrough } = collector.close(t0 + 1_300, t0 + 1_300);
    expect([windows, closedThrough]).toEqual([[], t0 + 1_000]);
  });

  it('close when the clock jumps ahead, and what comes for them is late', () => {
    const collector = collectorAt();
    collector.merge(partOf(t0 + 500), 0, t0 + 600);
    expect(startsOf(collector.close(t0 + 3_600_000, t0 + 3_600_000).windows)).toEqual(['shop 0']);
    expect(collector.merge(partOf(t0 + 700), 0, t0 + 800)).toBe(1);
  });

  it('wait for a thread that hangs, and hold nothing back once it is given up', () => {
    const collector = collectorAt();
    collector.merge(partOf(t0 + 500), 0, t0 + 600);
    const asOfHanging = t0 + 1_299;
    collector.close(asOfHanging, asOfHanging);
    expect(collector.isAnyDue(asOfHanging, t0 + 9_000)).toBe(false);
    expect(collector.isAnyDue(t0 + 9_000, t0 + 9_000)).toBe(true);
  });
});
