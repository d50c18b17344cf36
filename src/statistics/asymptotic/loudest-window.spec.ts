import { describe, expect, it } from '@jest/globals';
import { LoudestWindow } from './loudest-window.js';
import { meanEvidence } from './mean-evidence.js';
import { StratifiedMeans, type TwoMeansWindow } from './stratified-means.js';

const margin = { ratio: 1.1, offset: 0 };
const window = (canary: number, count = 500): TwoMeansWindow => ({
  canary: { count, mean: canary, variance: 100 },
  baseline: { count, mean: 50, variance: 100 },
});

function logHarm(windows: readonly TwoMeansWindow[]): number {
  const loudest = new LoudestWindow(margin);
  for (const each of windows) loudest.add(each);
  return meanEvidence(StratifiedMeans.of(windows), margin, 'harm', { discount: loudest.discount() }).logE;
}

const calm = new Array<TwoMeansWindow>(20).fill(window(50));

describe('LoudestWindow', () => {
  it('lets no single window decide, however far out and whenever it comes', () => {
    expect(logHarm([...calm, window(1e6)])).toBeLessThan(0);
    expect(logHarm([window(1e6), ...calm])).toBeLessThan(0);
    expect(logHarm([window(1e6, 1e6)])).toBeLessThan(0);
  });

  it('costs a harm that lasts nothing, once two windows show it', () => {
    expect(logHarm([...calm, window(1e3), window(1e3)])).toBeGreaterThan(Math.log(100));
    const lasting = new Array<TwoMeansWindow>(20).fill(window(57));
    expect(logHarm(lasting)).toBeCloseTo(meanEvidence(StratifiedMeans.of(lasting), margin, 'harm').logE, 9);
  });

  it('takes nothing off where no window is beyond the margin, or none has values', () => {
    const loudest = new LoudestWindow(margin);
    expect(loudest.discount()).toBe(0);
    loudest.add(window(50));
    loudest.add({ ...window(99), canary: { count: 1, mean: 99, variance: 0 } });
    expect(loudest.discount()).toBe(0);
  });
});
