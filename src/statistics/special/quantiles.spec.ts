import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { betaQuantile } from './beta-quantile.js';
import { chiSquareQuantile } from './chi-square-quantile.js';
import { regularizedIncompleteBeta } from './regularized-incomplete-beta.js';
import { regularizedLowerGamma } from './regularized-lower-gamma.js';
import { studentTCdf } from './student-t-cdf.js';
import { studentTQuantile } from './student-t-quantile.js';

const chance = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
const shape = fc.double({ min: 1, max: 3000, noNaN: true });

describe('quantiles of beta, χ² and t', () => {
  it('undo their distribution functions', () => {
    fc.assert(
      fc.property(chance, shape, shape, (p, a, b) => {
        expect(regularizedIncompleteBeta(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 9);
        expect(regularizedLowerGamma(a / 2, chiSquareQuantile(p, a) / 2)).toBeCloseTo(p, 9);
        expect(studentTCdf(studentTQuantile(p, a), a)).toBeCloseTo(p, 9);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the binomial tail for whole numbers', () => {
    // P(Binomial(10, 0.3) ≥ 4)
    expect(regularizedIncompleteBeta(0.3, 4, 7)).toBeCloseTo(0.3503892816, 10);
  });

  it('gives the Poisson tail for whole numbers', () => {
    // P(Poisson(2) ≥ 3)
    expect(regularizedLowerGamma(3, 2)).toBeCloseTo(1 - 5 * Math.exp(-2), 12);
  });

  it('finds quantiles that are almost 0', () => {
    expect(betaQuantile(1e-12, 0.5, 5)).toBeGreaterThan(0);
    expect(regularizedIncompleteBeta(betaQuantile(1e-12, 0.5, 5), 0.5, 5)).toBeCloseTo(1e-12, 20);
  });

  it('reaches the exact ends', () => {
    expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
    expect([studentTQuantile(0, 3), studentTQuantile(0.5, 3), studentTQuantile(1, 3)]).toEqual([-Infinity, -0, Infinity]);
    expect(chiSquareQuantile(1, 3)).toBe(Infinity);
  });
});
