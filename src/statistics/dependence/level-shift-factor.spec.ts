import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { levelShiftFactor } from './level-shift-factor.js';

describe('levelShiftFactor', () => {
  it('is what the specification says for four references', () => {
    const [tau, t] = [0.15, 4.540702858698];
    const levels = [-1, -1, 1, 1].map((sign) => Math.exp((sign * tau * Math.sqrt(3)) / 2));
    expect(levelShiftFactor(levels, 0.99)).toBeCloseTo(Math.exp(t * tau * Math.sqrt(1.25)), 9);
  });

  it('is 1 for equal levels, and unknown for fewer than two', () => {
    expect([levelShiftFactor([3, 3, 3, 3], 0.99), levelShiftFactor([3], 0.99), levelShiftFactor([], 0.99)]).toEqual([
      1,
      Infinity,
      Infinity,
    ]);
  });

  it('refuses levels without a logarithm', () => {
    expect(() => levelShiftFactor([1, 0], 0.99)).toThrow(RangeError);
    expect(() => levelShiftFactor([1, Number.NaN], 0.99)).toThrow(RangeError);
    expect(() => levelShiftFactor([1, 2], 1)).toThrow(RangeError);
  });

  it('depends neither on the unit nor on the order, and is at least 1', () => {
    const level = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(level, { minLength: 2, maxLength: 8 }), fc.double({ min: 0.01, max: 100, noNaN: true }), (levels, unit) => {
        const factor = levelShiftFactor(levels, 0.99);
        expect(factor).toBeGreaterThanOrEqual(1);
        const elsewhere = levelShiftFactor(
          [...levels].reverse().map((each) => each * unit),
          0.99,
        );
        expect(Math.log(elsewhere)).toBeCloseTo(Math.log(factor), 6);
      }),
    );
  });
});
