import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { logNormalCdf } from './log-normal-cdf.js';
import { normalCdf } from './normal-cdf.js';
import { normalQuantile } from './normal-quantile.js';

describe('normalQuantile', () => {
  it('undoes the distribution function far into both tails', () => {
    fc.assert(
      fc.property(fc.double({ min: -37, max: 8, noNaN: true }), (z) => {
        const p = normalCdf(z);
        expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 11);
      }),
    );
  });

  it('agrees with the logarithm of the distribution function where the function itself underflows', () => {
    expect(logNormalCdf(-50)).toBeCloseTo(-1254.8313611, 6);
    expect(normalCdf(-50)).toBe(0);
  });

  it('is infinite at certainty and refuses what is no probability', () => {
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)]).toEqual([-Infinity, 0, Infinity]);
    expect(() => normalQuantile(Number.NaN)).toThrow(RangeError);
    expect(() => normalQuantile(1.1)).toThrow(RangeError);
  });
});
