import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { quantileOfDifferences } from './quantile-of-differences.js';

const sample = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('the quantile of all differences between two samples', () => {
  it('is the smallest difference that the share does not exceed', () => {
    expect(quantileOfDifferences([1, 2, 4], [0, 1], 0.5)).toBeCloseTo(1, 9); // 0 1 1 2 3 4
    expect(quantileOfDifferences([1, 2, 4], [0, 1], 0.9)).toBeCloseTo(4, 9);
  });

  it('is what sorting every pair gives', () => {
    fc.assert(
      fc.property(sample, sample, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (xs, ys, p) => {
        const all = xs.flatMap((x) => ys.map((y) => x - y)).sort((a, b) => a - b);
        const wanted = all[Math.ceil(p * all.length) - 1] ?? Number.NaN;
        expect(Math.abs(quantileOfDifferences(xs, ys, p) - wanted)).toBeLessThanOrEqual(1e-6);
      }),
    );
  });

  it('knows nothing of an empty sample, and refuses a share that is none', () => {
    expect(quantileOfDifferences([], [1], 0.5)).toBeNaN();
    expect(() => quantileOfDifferences([1], [1], 1)).toThrow(RangeError);
  });
});
