import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exponentialIndex } from '../statistics/index.js';
import { exponentialIndex5, spanScale } from './exponential-index.js';

describe('exponentialIndex5', () => {
  it('puts every value into the bucket that the logarithm says', () => {
    const duration = fc.double({ min: 1e-9, max: 1e10, noNaN: true });
    fc.assert(
      fc.property(duration, (value) => expect(exponentialIndex5(value)).toBe(exponentialIndex(value, spanScale))),
      { numRuns: 5_000 },
    );
  });

  it('puts a power of two into the bucket that it ends', () => {
    expect([0.25, 0.5, 1, 2, 1024].map(exponentialIndex5)).toEqual([-65, -33, -1, 31, 319]);
  });

  it('agrees on both sides of every bound', () => {
    for (let index = -320; index < 320; index += 1) {
      const bound = 2 ** ((index + 1) / 32);
      expect([exponentialIndex5(bound * (1 - 1e-12)), exponentialIndex5(bound * (1 + 1e-12))]).toEqual([index, index + 1]);
    }
  });

  it('knows a value to 1.1 %', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (value) => {
        const index = exponentialIndex5(value);
        const middle = 2 ** ((index + 0.5) / 32);
        expect(Math.abs(middle / value - 1)).toBeLessThan(0.011);
      }),
    );
  });
});
