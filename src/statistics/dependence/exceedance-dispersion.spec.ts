import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../test/support/random.js';
import { countAbove } from '../histograms/count-above.js';
import type { Histogram } from '../histograms/histogram.js';
import { histogramCount } from '../histograms/histogram-count.js';
import { type ExceedanceWindow, exceedanceDispersion } from './exceedance-dispersion.js';
import { predictablePhi } from './predictable-phi.js';

/** Durations spread evenly over 20 buckets; `slow` more of them in the uppermost one. */
function windowOf(random: () => number, threshold: number, slow = 0): ExceedanceWindow {
  const bounds = Array.from({ length: 20 }, (_, index) => index + 1);
  const buckets = Array.from({ length: 400 }, () => Math.floor(20 * random()));
  const counts = [...bounds.map((_, bucket) => buckets.filter((each) => each === bucket).length), slow];
  const histogram: Histogram = { kind: 'explicit', bounds, counts };
  return { histogram, threshold, total: histogramCount(histogram), above: countAbove(histogram, threshold) };
}

function phiAfter(windows: readonly ExceedanceWindow[]): number {
  const dispersion = exceedanceDispersion();
  for (const window of windows) dispersion.learn(window);
  return dispersion.phi();
}

describe('exceedanceDispersion', () => {
  it('does not take a step of the threshold for a burst', () => {
    const random = seededRandom(11);
    const windows = Array.from({ length: 240 }, (_, index) => windowOf(random, index % 2 === 0 ? 10 : 11));
    expect(phiAfter(windows)).toBeLessThan(1.3);
    const asCounted = predictablePhi([...windows, ...windows.slice(0, 1)].map(({ total, above }) => ({ total, events: above })));
    expect(asCounted.at(-1)).toBeGreaterThan(2);
  });

  it('still sees requests that turn slow together', () => {
    const random = seededRandom(12);
    expect(phiAfter(Array.from({ length: 240 }, () => windowOf(random, 18, random() < 0.3 ? 60 : 0)))).toBeGreaterThan(5);
  });

  it('learns nothing from windows without a threshold', () => {
    expect(phiAfter([{ histogram: null, threshold: 0, total: 0, above: 0 }])).toBe(phiAfter([]));
  });
});
