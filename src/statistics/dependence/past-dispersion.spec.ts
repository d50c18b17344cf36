import { describe, expect, it } from '@jest/globals';
import { randomBurst, randomPoisson, seededRandom } from '../../../test/support/random.js';
import { proportionDispersion } from './predictable-phi.js';
import type { CountedWindow } from './window-dispersion.js';

function windowsOf(count: number, burst: number, random: () => number): CountedWindow[] {
  return Array.from({ length: count }, () => {
    let events = 0;
    for (let left = randomPoisson(4 / burst, random); left > 0; left -= 1) events += randomBurst(burst, random);
    return { total: 800, events: Math.min(800, events) };
  });
}

/** Dispersion after some windows of a run, averaged over seeds. */
function phiOfRun({ before, during, windows }: { before: number; during: number; windows: number }): number {
  const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);
  const phis = seeds.map((seed) => {
    const random = seededRandom(seed);
    const dispersion = proportionDispersion(windowsOf(240, before, random));
    const canary = windowsOf(windows, during, random);
    windowsOf(windows, during, random).forEach((window, index) => {
      dispersion.learn(window, canary[index]);
    });
    return dispersion.phi();
  });
  return phis.reduce((sum, phi) => sum + phi, 0) / phis.length;
}

describe('PastDispersion', () => {
  it('does not let a calm history speak for a run that fails in bursts', () => {
    expect(phiOfRun({ before: 1, during: 10, windows: 20 })).toBeGreaterThan(9);
  });

  it('keeps to the history where the run is like it', () => {
    expect(phiOfRun({ before: 1, during: 1, windows: 20 })).toBeLessThan(1.15);
    const bursts = phiOfRun({ before: 4, during: 4, windows: 0 });
    expect(Math.abs(phiOfRun({ before: 4, during: 4, windows: 20 }) / bursts - 1)).toBeLessThan(0.15);
  });

  it('keeps to the history where the run is calmer: a calm quarter of an hour proves little', () => {
    expect(phiOfRun({ before: 4, during: 1, windows: 20 })).toBeGreaterThan(4);
  });
});
