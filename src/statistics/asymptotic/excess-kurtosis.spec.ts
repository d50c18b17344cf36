import { describe, expect, it } from '@jest/globals';
import { randomNormal, seededRandom } from '../../../test/support/random.js';
import { ExcessKurtosis } from './excess-kurtosis.js';

/** 240 windows of 100 values. */
function estimateFor(draw: (random: () => number, window: number) => number): number {
  const random = seededRandom(11);
  const kurtosis = new ExcessKurtosis();
  for (let window = 0; window < 240; window += 1) {
    const values = Array.from({ length: 100 }, () => draw(random, window));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    kurtosis.add({ count: values.length, mean, variance });
  }
  return kurtosis.estimate();
}

describe('ExcessKurtosis', () => {
  it('is about 0 for normal values, also where their spread drifts', () => {
    expect(Math.abs(estimateFor(randomNormal))).toBeLessThan(0.5);
    expect(Math.abs(estimateFor((random, window) => (1 + window / 240) * randomNormal(random)))).toBeLessThan(2);
  });

  it('grows with the tail', () => {
    const mild = estimateFor((random) => Math.exp(0.5 * randomNormal(random)));
    const heavy = estimateFor((random) => Math.exp(1.5 * randomNormal(random)));
    expect(mild).toBeGreaterThan(2);
    expect(mild).toBeLessThan(15);
    expect(heavy).toBeGreaterThan(50);
  });

  it('knows nothing of a single window', () => {
    const kurtosis = new ExcessKurtosis();
    kurtosis.add({ count: 50, mean: 1, variance: 3 });
    kurtosis.add({ count: 1, mean: 1, variance: 0 });
    expect(kurtosis.estimate()).toBe(0);
  });
});
