import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../test/support/random.js';
import { quantileBand } from './quantile-band.js';
import { stochasticOrder } from './stochastic-order.js';

const sample = (count: number, seed: number, shift = 0): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random() + shift);
};

describe('the order of two distributions', () => {
  it('compares distribution functions, ties included', () => {
    expect(stochasticOrder([2, 2, 3, 4], [1, 2, 2, 3], 0.05).excess).toBe(0.25);
    expect(stochasticOrder([1, 1], [1, 1], 0.05).excess).toBe(0);
    expect(stochasticOrder([1], [5], 0.05).excess).toBe(0);
    expect(stochasticOrder([5], [1], 0.05).excess).toBe(1);
  });

  it('tolerates what both bands allow', () => {
    const { tolerated } = stochasticOrder(sample(100, 1), sample(400, 2), 0.05);
    expect(tolerated).toBeCloseTo(quantileBand(100, 0.025).epsilon + quantileBand(400, 0.025).epsilon, 12);
  });

  it('finds a clear shift and no shift that is not there', () => {
    expect(stochasticOrder(sample(2000, 1, 0.3), sample(2000, 2), 0.01).larger).toBe(true);
    expect(stochasticOrder(sample(2000, 1), sample(2000, 2, 0.3), 0.01).larger).toBe(false);
    for (let seed = 3; seed < 30; seed++) expect(stochasticOrder(sample(500, seed), sample(500, -seed), 0.05).larger).toBe(false);
    expect(() => stochasticOrder([], [1], 0.05)).toThrow(RangeError);
  });
});
