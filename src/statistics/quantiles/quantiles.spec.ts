import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exponentialIndex } from '../histograms/exponential-index.js';
import { histogramQuantileBounds } from './histogram-quantile-bounds.js';
import { quantileBand } from './quantile-band.js';
import { quantileType7 } from './quantile-type7.js';
import { rankInterval } from './rank-interval.js';
import { sampleQuantileBounds } from './sample-quantile-bounds.js';

const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });

describe('rankInterval', () => {
  it('always holds the expected rank, and is wider at a stricter error rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), share, (count, p) => {
        const usual = rankInterval(count, p, 0.05, 1000);
        const strict = rankInterval(count, p, 0.001, 1000);
        expect(usual.low).toBeLessThanOrEqual(count * p);
        expect(usual.high).toBeGreaterThanOrEqual(count * p);
        expect(strict.low).toBeLessThanOrEqual(usual.low);
        expect(strict.high).toBeGreaterThanOrEqual(usual.high);
      }),
    );
  });

  it('bounds nothing at a single observation', () => {
    expect(rankInterval(1, 0.5, 0.05, 1000)).toMatchObject({ low: 0, high: 1 });
    expect(sampleQuantileBounds([7], 0.5, 0.05, 1000)).toEqual({ low: -Infinity, high: Infinity });
    expect(sampleQuantileBounds([], 0.5, 0.05, 1000)).toEqual({ low: -Infinity, high: Infinity });
  });
});

describe('histogramQuantileBounds', () => {
  it('encloses the bounds of the values themselves', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 200 }), share, (values, p) => {
        const indexes = values.map((value) => exponentialIndex(value, 3));
        const offset = Math.min(...indexes);
        const counts = new Array<number>(Math.max(...indexes) - offset + 1).fill(0);
        for (const index of indexes) counts[index - offset] = (counts[index - offset] as number) + 1;
        const outer = histogramQuantileBounds({ kind: 'exponential', scale: 3, zeroCount: 0, offset, counts }, p, 0.05, 100);
        const inner = sampleQuantileBounds(values, p, 0.05, 100);
        expect(outer.low).toBeLessThanOrEqual(inner.low);
        expect(outer.high).toBeGreaterThanOrEqual(inner.high);
      }),
    );
  });

  it('is unbounded above where the bounding value is in the last explicit bucket', () => {
    const slow = { kind: 'explicit', bounds: [1, 2], counts: [0, 500, 500] } as const;
    expect(histogramQuantileBounds(slow, 0.5, 0.05, 1000)).toEqual({ low: 1, high: Infinity });
    expect(histogramQuantileBounds({ kind: 'explicit', bounds: [], counts: [0] }, 0.5, 0.05, 9)).toEqual({
      low: -Infinity,
      high: Infinity,
    });
  });
});

describe('quantileBand', () => {
  it('has the constants of the paper, a little sharper than its closed form', () => {
    expect(quantileBand(1000, 0.005).constant).toBeCloseTo(9.7834, 4);
    expect(quantileBand(1000, 0.001).constant).toBeCloseTo(10.9431, 4);
    expect(quantileBand(1000, 0.001).constant).toBeLessThan(0.8 * Math.log(1612 / 0.001));
  });

  it('narrows with more observations and refuses what has no bound', () => {
    expect(quantileBand(10_000, 0.05).epsilon).toBeLessThan(quantileBand(1000, 0.05).epsilon);
    expect(() => quantileBand(1000, 0.05, 0.7)).toThrow(RangeError);
    expect(() => quantileBand(0, 0.05)).toThrow(RangeError);
  });
});

describe('quantileType7', () => {
  it('lies between the values around its rank', () => {
    expect([0, 0.25, 0.5, 1].map((p) => quantileType7([40, 10, 20, 30], p))).toEqual([10, 17.5, 25, 40]);
    expect(quantileType7([3], 0.9)).toBe(3);
    expect(quantileType7([], 0.9)).toBeNaN();
  });
});
