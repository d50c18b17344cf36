import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bracketedRoot } from './bracketed-root.js';

describe('bracketedRoot', () => {
  it('finds the zero of a cubic from either end, within the tolerance', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), fc.boolean(), (zero, swap) => {
        const [start, end] = swap ? [6, -6] : [-6, 6];
        const root = bracketedRoot((x) => (x - zero) ** 3 + (x - zero), start, end, { relative: 0, absolute: 1e-9 });
        expect(Math.abs(root - zero)).toBeLessThan(2e-9);
      }),
    );
  });

  it('finds where a step function jumps', () => {
    const root = bracketedRoot((x) => (x < 2 ? -1 : 1), 0, 10, { relative: 0, absolute: 1e-6 });
    expect(root).toBeCloseTo(2, 5);
  });

  it('returns an end that is a zero', () => {
    expect(bracketedRoot((x) => x, 0, 3, { relative: 0, absolute: 1e-9 })).toBeCloseTo(0, 9);
    expect(bracketedRoot((x) => x - 3, 0, 3, { relative: 0, absolute: 1e-9 })).toBe(3);
  });

  it('refuses a range without a change of sign', () => {
    expect(() => bracketedRoot((x) => x * x + 1, -1, 1, { relative: 0, absolute: 1e-9 })).toThrow(RangeError);
  });
});
