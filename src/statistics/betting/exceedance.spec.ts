import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exponentialIndex } from '../histograms/exponential-index.js';
import type { ExponentialHistogram } from '../histograms/histogram.js';
import { bet2 } from './bet2.js';
import { exceedance } from './exceedance.js';
import { exceedanceRatioBounds } from './exceedance-ratio-bounds.js';

const scale = 4;

function histogramOf(values: readonly number[]): ExponentialHistogram {
  const indexes = values.map((value) => exponentialIndex(value, scale));
  const offset = indexes.length > 0 ? Math.min(...indexes) : 0;
  const counts = new Array<number>(indexes.length > 0 ? Math.max(...indexes) - offset + 1 : 0).fill(0);
  for (const index of indexes) counts[index - offset] = (counts[index - offset] as number) + 1;
  return { kind: 'exponential', scale, zeroCount: 0, offset, counts };
}

const latencies = fc.array(fc.double({ min: 0.001, max: 10, noNaN: true }), { minLength: 1, maxLength: 80 });
const above = (values: readonly number[], threshold: number): number => values.filter((value) => value > threshold).length;

describe('exceedance', () => {
  it('errs to the side that proves less: fewer canary events for harm, more for safety', () => {
    fc.assert(
      fc.property(latencies, latencies, fc.double({ min: 0.005, max: 5, noNaN: true }), (slow, usual, reference) => {
        const request = { baseline: histogramOf(usual), canary: histogramOf(slow), reference, margin: { ratio: 1.2, offset: 0.01 } };
        const harm = exceedance({ ...request, side: 'harm' });
        const safe = exceedance({ ...request, side: 'safe' });
        const margin = 1.2 * harm.baselineThreshold + 0.01;
        expect(harm.canaryEvents).toBeLessThanOrEqual(above(slow, margin));
        expect(safe.canaryEvents).toBeGreaterThanOrEqual(above(slow, margin));
        expect(harm.baselineEvents).toBe(above(usual, harm.baselineThreshold));
        expect(safe.canaryTotal).toBe(slow.length);
      }),
    );
  });

  it('says which ratio is tested once the margin lies on a bucket edge', () => {
    const classic = { kind: 'explicit', bounds: [0.1, 0.25, 0.5], counts: [70, 20, 8, 2] } as const;
    const request = { baseline: classic, canary: classic, reference: 0.11, margin: { ratio: 1.1, offset: 0 } };
    expect(exceedance({ ...request, side: 'harm' })).toMatchObject({
      baselineThreshold: 0.1,
      canaryThreshold: 0.25,
      ratioAfterSnapping: 2.5,
      canaryEvents: 10,
    });
    expect(exceedance({ ...request, side: 'safe' })).toMatchObject({ canaryThreshold: 0.1, ratioAfterSnapping: 1, canaryEvents: 30 });
  });

  it('proves nothing where the buckets end before the margin', () => {
    const classic = { kind: 'explicit', bounds: [0.1, 0.25, 0.5], counts: [70, 20, 8, 2] } as const;
    const harm = exceedance({ baseline: classic, canary: classic, reference: 0.5, margin: { ratio: 1.1, offset: 0 }, side: 'harm' });
    expect(harm).toMatchObject({ canaryEvents: 0, ratioAfterSnapping: Infinity });
  });
});

describe('exceedanceRatioBounds', () => {
  const spread = (count: number, factor: number): number[] =>
    Array.from({ length: count }, (_, i) => factor * 0.1 * Math.exp(1.2 * Math.sin(i * 12.9898)));
  const windowsAt = (factor: number) =>
    Array.from({ length: 20 }, () => ({
      baseline: histogramOf(spread(900, 1)),
      canary: histogramOf(spread(300, factor)),
      reference: 0.25,
      phi: 1,
    }));

  it('holds 1 for equal cohorts, and moves with the canary', () => {
    const same = exceedanceRatioBounds(windowsAt(1), 0.8, 0.05);
    const slower = exceedanceRatioBounds(windowsAt(1.5), 0.8, 0.05);
    expect(same.low).toBeLessThan(1);
    expect(same.high).toBeGreaterThan(1);
    expect(slower.low).toBeGreaterThan(1.2);
    expect(slower.low).toBeLessThan(1.5);
    expect(slower.high).toBeGreaterThan(1.5);
  });

  it('ends where the bet on exceedances reaches the level', () => {
    const windows = windowsAt(1.5);
    const { low, high } = exceedanceRatioBounds(windows, 0.8, 0.05);
    const against = (ratio: number, side: 'harm' | 'safe'): number => {
      const counted = windows.map((window) => ({ ...exceedance({ ...window, margin: { ratio, offset: 0 }, side }), phi: 1, base: 0.2 }));
      return bet2(counted, { ratio: 1, offset: 0 }, side).logE;
    };
    expect(against(low, 'harm')).toBeGreaterThanOrEqual(Math.log(20));
    expect(against(low * 1.002, 'harm')).toBeLessThan(Math.log(20));
    expect(against(high, 'safe')).toBeGreaterThanOrEqual(Math.log(20));
    expect(against(high / 1.002, 'safe')).toBeLessThan(Math.log(20));
  });

  it('knows nothing while a cohort is silent', () => {
    const silent = [{ baseline: histogramOf([0.1, 0.2]), canary: histogramOf([]), reference: 0.1, phi: 1 }];
    expect(exceedanceRatioBounds(silent, 0.5, 0.05)).toEqual({ low: 0, high: Infinity });
    expect(exceedanceRatioBounds([], 0.5, 0.05)).toEqual({ low: 0, high: Infinity });
  });
});
