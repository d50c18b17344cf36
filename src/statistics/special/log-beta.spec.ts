import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { logBeta } from './log-beta.js';
import { logGamma } from './log-gamma.js';

describe('logBeta and logGamma', () => {
  const positive = fc.double({ min: 0.01, max: 500, noNaN: true });

  it('follows Γ(x + 1) = x Γ(x)', () => {
    fc.assert(
      fc.property(positive, (x) => {
        expect(logGamma(x + 1)).toBeCloseTo(logGamma(x) + Math.log(x), 9);
      }),
    );
  });

  it('is the combination of three gammas', () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        expect(logBeta(a, b)).toBeCloseTo(logGamma(a) + logGamma(b) - logGamma(a + b), 9);
      }),
    );
  });

  it('keeps its digits where the three gammas cancel', () => {
    expect(logBeta(1, 1e12)).toBeCloseTo(-Math.log(1e12), 13);
    expect(logBeta(2, 1e9)).toBeCloseTo(-Math.log(1e9) - Math.log(1e9 + 1), 12);
  });

  it('refuses what has no gamma', () => {
    expect(() => logGamma(0)).toThrow(RangeError);
    expect(() => logBeta(1, Number.NaN)).toThrow(RangeError);
  });
});
