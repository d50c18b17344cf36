import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomNormal, seededRandom } from '../../../test/support/random.js';
import { MeanDispersion } from './mean-dispersion.js';

const random = seededRandom(7);
const windowsOf = (count: number, values: number, own = 0, level = 50): { count: number; mean: number; variance: number }[] =>
  Array.from({ length: count }, () => ({
    count: values,
    mean: level + randomNormal(random) * Math.sqrt(100 / values + own ** 2),
    variance: 100,
  }));

function phiAfter(windows: readonly { count: number; mean: number; variance: number }[]): number {
  const dispersion = new MeanDispersion();
  for (const window of windows) dispersion.learn(window);
  return dispersion.phi();
}

describe('MeanDispersion', () => {
  it('is near 1 for independent values, and near how many each user repeats', () => {
    expect(phiAfter(windowsOf(240, 50))).toBeLessThan(1.5);
    const repeated = windowsOf(240, 5).map((window) => ({ ...window, count: 50 }));
    expect(phiAfter(repeated)).toBeGreaterThan(8);
    expect(phiAfter(repeated)).toBeLessThan(15);
  });

  it('sees that windows have a level of their own', () => {
    expect(phiAfter(windowsOf(240, 1000, 1))).toBeGreaterThan(8);
  });

  it('does not take a slow drift for noise', () => {
    expect(phiAfter(windowsOf(240, 50).map((window, i) => ({ ...window, mean: window.mean + 0.05 * i })))).toBeLessThan(1.5);
  });

  it('does not take one step for noise, and does take a level that comes back', () => {
    const [before, after] = [windowsOf(60, 50), windowsOf(60, 50, 0, 5000)];
    expect(phiAfter([...before, ...after])).toBeLessThan(1.6);
    expect(phiAfter([...before, ...after, ...before])).toBeGreaterThan(100);
  });

  it('believes more than 1 while little is known, and learns from both cohorts', () => {
    const calm = windowsOf(10, 50).map((window) => ({ ...window, mean: 50 }));
    const [alone, beside] = [new MeanDispersion(), new MeanDispersion()];
    expect(alone.phi()).toBeGreaterThanOrEqual(4);
    for (const window of calm.slice(0, 3)) {
      alone.learn(window);
      beside.learn(window, window);
    }
    expect(beside.phi()).toBeLessThan(alone.phi());
  });

  it('is never below 1, and the same in every unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 30 }), (unit, count) => {
        const windows = windowsOf(count, 20);
        const scaled = windows.map((window) => ({ ...window, mean: unit * window.mean, variance: unit ** 2 * window.variance }));
        expect(phiAfter(windows)).toBeGreaterThanOrEqual(1);
        expect(phiAfter(scaled) / phiAfter(windows)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('learns nothing from windows of a single value, nor from values without any spread', () => {
    expect(phiAfter(windowsOf(50, 1))).toBe(phiAfter([]));
    expect(phiAfter(windowsOf(50, 9).map((window) => ({ ...window, variance: 0 })))).toBe(phiAfter([]));
  });
});
