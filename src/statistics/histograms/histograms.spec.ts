import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countAbove } from './count-above.js';
import { downscale } from './downscale.js';
import { exponentialIndex } from './exponential-index.js';
import type { ExplicitHistogram, ExponentialHistogram, Histogram } from './histogram.js';
import { histogramCount } from './histogram-count.js';
import { histogramQuantile } from './histogram-quantile.js';
import { HistogramSum } from './histogram-sum.js';
import { mergeHistograms } from './merge-histograms.js';
import { snapToBound } from './snap-to-bound.js';
import { upperBound } from './upper-bound.js';

function exponentialOf(values: readonly number[], scale: number): ExponentialHistogram {
  const positive = values.filter((value) => value > 0);
  const indexes = positive.map((value) => exponentialIndex(value, scale));
  const offset = indexes.length > 0 ? Math.min(...indexes) : 0;
  const counts = new Array<number>(indexes.length > 0 ? Math.max(...indexes) - offset + 1 : 0).fill(0);
  for (const index of indexes) counts[index - offset] = (counts[index - offset] as number) + 1;
  return { kind: 'exponential', scale, zeroCount: values.length - positive.length, offset, counts };
}

function explicitOf(values: readonly number[], bounds: readonly number[]): ExplicitHistogram {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    const at = bounds.findIndex((bound) => value <= bound);
    const bucket = at === -1 ? bounds.length : at;
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  return { kind: 'explicit', bounds, counts };
}

const value = fc.oneof({ weight: 9, arbitrary: fc.double({ min: 1e-6, max: 1e4, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(0) });
const values = fc.array(value, { maxLength: 60 });
const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 8 }).map((list) => list.sort((a, b) => a - b));
const scale = fc.integer({ min: -2, max: 6 });

describe('exponential buckets', () => {
  it('hold values above their lower and up to their upper edge', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), fc.integer({ min: -4, max: 20 }), (x, at) => {
        const index = exponentialIndex(x, at);
        expect(upperBound(index, at)).toBeGreaterThanOrEqual(x);
        expect(upperBound(index - 1, at)).toBeLessThan(x);
      }),
    );
  });

  it('hold their own upper edge', () => {
    fc.assert(
      fc.property(fc.integer({ min: -900, max: 900 }), fc.integer({ min: 0, max: 12 }), (index, at) => {
        expect(exponentialIndex(upperBound(index, at), at)).toBe(index);
      }),
    );
  });

  it('are the same whether observed coarse or made coarse afterwards', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 3, max: 6 }), fc.integer({ min: -2, max: 3 }), (list, fine, coarse) => {
        expect(downscale(exponentialOf(list, fine), coarse)).toEqual(exponentialOf(list, coarse));
      }),
    );
  });

  it('cannot be made finer', () => {
    expect(() => downscale(exponentialOf([1], 2), 3)).toThrow(RangeError);
  });
});

describe('mergeHistograms', () => {
  it('is the histogram of all values together, at the smaller scale', () => {
    fc.assert(
      fc.property(values, values, scale, scale, (a, b, scaleOfA, scaleOfB) => {
        const merged = mergeHistograms(exponentialOf(a, scaleOfA), exponentialOf(b, scaleOfB)) as ExponentialHistogram;
        expect(merged).toEqual(exponentialOf([...a, ...b], merged.scale));
        expect(merged.scale).toBeLessThanOrEqual(Math.min(scaleOfA, scaleOfB));
      }),
    );
  });

  it('is the histogram of all values together, in the bounds that both have', () => {
    fc.assert(
      fc.property(values, values, bounds, bounds, (a, b, boundsOfA, boundsOfB) => {
        const both = boundsOfA.filter((bound) => boundsOfB.includes(bound));
        expect(mergeHistograms(explicitOf(a, boundsOfA), explicitOf(b, boundsOfB))).toEqual(explicitOf([...a, ...b], both));
      }),
    );
  });

  it('stays small when a hostile sender reports buckets a world apart', () => {
    const one = { kind: 'exponential', scale: 20, zeroCount: 0, offset: -1_000_000_000, counts: [1] } as const;
    const other = { ...one, offset: 1_000_000_000 };
    const merged = mergeHistograms(one, other);
    expect(merged.counts.length).toBeLessThanOrEqual(1024);
    expect(histogramCount(merged)).toBe(2);
  });

  it('refuses to mix the two kinds', () => {
    expect(() => mergeHistograms(exponentialOf([1], 3), explicitOf([1], [1]))).toThrow(RangeError);
  });
});

describe('snapToBound and countAbove', () => {
  it('count exactly what lies above the edge that was snapped to', () => {
    fc.assert(
      fc.property(
        values,
        scale,
        fc.double({ min: 1e-5, max: 1e5, noNaN: true }),
        fc.constantFrom('nearest', 'up', 'down'),
        (list, at, x, direction) => {
          const edge = snapToBound(exponentialOf(list, at), x, direction as 'up');
          expect(countAbove(exponentialOf(list, at), edge)).toBe(list.filter((one) => one > edge).length);
        },
      ),
    );
    fc.assert(
      fc.property(
        values,
        bounds,
        fc.double({ min: 0, max: 20, noNaN: true }),
        fc.constantFrom('nearest', 'up', 'down'),
        (list, edges, x, direction) => {
          const edge = snapToBound(explicitOf(list, edges), x, direction as 'up');
          expect(countAbove(explicitOf(list, edges), edge)).toBe(list.filter((one) => one > edge).length);
        },
      ),
    );
  });

  it('snap up to an edge at or above, down to one at or below, and leave an edge where it is', () => {
    const classic = explicitOf([], [0.1, 0.25, 0.5]);
    expect([snapToBound(classic, 0.2, 'up'), snapToBound(classic, 0.2, 'down'), snapToBound(classic, 0.2, 'nearest')]).toEqual([
      0.25, 0.1, 0.25,
    ]);
    expect([snapToBound(classic, 0.25, 'up'), snapToBound(classic, 0.25, 'down')]).toEqual([0.25, 0.25]);
    expect([snapToBound(classic, 9, 'up'), snapToBound(classic, 9, 'nearest')]).toEqual([Infinity, 0.5]);
    expect([snapToBound(classic, 0.01, 'down'), snapToBound(classic, 0.01, 'nearest')]).toEqual([-Infinity, 0.1]);
  });
});

describe('HistogramSum', () => {
  it('is what merging one after the other gives, and leaves what it adds as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(value, { maxLength: 20 }), scale), { minLength: 1, maxLength: 8 }), (parts) => {
        const histograms = parts.map(([list, at]) => exponentialOf(list, at));
        const before = JSON.stringify(histograms);
        const sum = new HistogramSum();
        histograms.forEach((histogram) => {
          sum.add(histogram);
        });
        const [first, ...rest] = histograms as [ExponentialHistogram, ...ExponentialHistogram[]];
        expect(sum.soFar()).toEqual(rest.reduce<Histogram>(mergeHistograms, first));
        expect(JSON.stringify(histograms)).toBe(before);
      }),
    );
  });

  it('adds explicit buckets too', () => {
    const sum = new HistogramSum();
    expect(sum.soFar()).toBeNull();
    sum.add(explicitOf([0.5, 3], [1, 2]));
    sum.add(explicitOf([0.5, 1.5], [1, 2]));
    expect(sum.soFar()).toEqual(explicitOf([0.5, 3, 0.5, 1.5], [1, 2]));
  });
});

describe('histogramQuantile', () => {
  it('lies in the bucket that holds the value of that rank', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 60 }),
        scale,
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (list, at, p) => {
          const exact = list.sort((a, b) => a - b)[Math.max(0, Math.ceil(p * list.length - 1e-9) - 1)] as number;
          const estimate = histogramQuantile(exponentialOf(list, at), p) as number;
          if (exact === 0) return expect(estimate).toBe(0);
          const index = exponentialIndex(exact, at);
          expect(estimate).toBeGreaterThanOrEqual(upperBound(index - 1, at) * (1 - 1e-12));
          expect(estimate).toBeLessThanOrEqual(upperBound(index, at) * (1 + 1e-12));
        },
      ),
    );
  });

  it('interpolates linearly in explicit buckets and stops at the last bound', () => {
    const classic = { kind: 'explicit', bounds: [1, 2, 4], counts: [0, 10, 10, 10] } as const;
    expect(histogramQuantile(classic, 0.5)).toBeCloseTo(3, 12);
    expect(histogramQuantile(classic, 0.99)).toBe(4);
  });

  it('is unknown where nothing was observed', () => {
    expect(histogramQuantile(exponentialOf([], 3), 0.5)).toBeNull();
    expect(histogramQuantile(explicitOf([1], []), 0.5)).toBeNull();
    expect(() => histogramQuantile(exponentialOf([1], 3), 50)).toThrow(RangeError);
  });
});
