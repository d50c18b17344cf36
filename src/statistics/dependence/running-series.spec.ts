import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RunningSeries } from './running-series.js';

/** The textbook way, over all values at once. */
function atOnce(values: readonly number[]): { mean: number; variance: number; lag1: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const products = values.slice(1).reduce((sum, value, i) => sum + (value - mean) * ((values[i] as number) - mean), 0);
  return { mean, variance: squares / (values.length - 1), lag1: products / squares };
}

describe('RunningSeries', () => {
  const values = fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 60 })
    .filter((list) => new Set(list).size > 2);

  it('knows what all values together say, also far from zero', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0, 50, 1e6), (list, level) => {
        const moved = list.map((value) => value + level);
        const expected = atOnce(moved);
        fc.pre(expected.variance > 1e-6);
        const series = RunningSeries.of(moved);
        const { sampleVariance, lag1 } = series.autocorrelation();
        expect(series.mean()).toBeCloseTo(expected.mean, 6);
        expect(sampleVariance / expected.variance).toBeCloseTo(1, 6);
        expect(lag1).toBeCloseTo(expected.lag1, 6);
      }),
    );
  });

  it('sees no spread in a constant', () => {
    expect(RunningSeries.of([0.1, 0.1, 0.1, 0.1]).autocorrelation()).toMatchObject({ sampleVariance: 0, lag1: 0 });
    expect(new RunningSeries().mean()).toBe(0);
  });
});
