import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomNormal, seededRandom } from '../../../test/support/random.js';
import { dispersionOverScales } from './dispersion-over-scales.js';

/** A share of 20 % of 1000 observations in each window, off by so many standard deviations. */
function phiOf(deviations: readonly number[]): number {
  const noise = dispersionOverScales();
  for (const deviation of deviations) noise.learn({ value: 0.2 + deviation * Math.sqrt((0.2 * 0.8) / 1000), share: 0.2, weight: 1000 });
  return noise.phi();
}

const independent = (count: number, seed: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => randomNormal(random));
};

/** The same standard deviation in each window, kept for 12 windows. */
const lasting = (count: number, seed: number): number[] => {
  const each = independent(count, seed);
  return each.map((_, index) => each[index - (index % 12)] ?? 0);
};

describe('dispersionOverScales', () => {
  it('assumes bursts of four until ten windows were seen', () => {
    expect([0, 9].map((count) => phiOf(independent(count, 1)))).toEqual([4, 4]);
  });

  it('is a few times one for independent windows, and finds noise that neighbours do not show', () => {
    const calm = Array.from({ length: 20 }, (_, seed) => phiOf(independent(240, seed)));
    expect(calm.reduce((sum, phi) => sum + phi, 0) / calm.length).toBeLessThan(6);
    const sticky = Array.from({ length: 20 }, (_, seed) => phiOf(lasting(240, seed)));
    expect(Math.min(...sticky)).toBeGreaterThan(6);
    expect(sticky.reduce((sum, phi) => sum + phi, 0) / sticky.length).toBeGreaterThan(12);
  });

  it('does not mind a level that is another for all windows, and is never below one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 60 }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        (some, by) => {
          expect(phiOf(some)).toBeGreaterThanOrEqual(1);
          expect(phiOf(some.map((one) => one + by))).toBeCloseTo(phiOf(some), 6);
        },
      ),
    );
  });

  it('is 1 where nothing varies because nothing can', () => {
    const noise = dispersionOverScales();
    for (let window = 0; window < 40; window += 1) noise.learn({ value: 0, share: 0, weight: 100 });
    expect(noise.phi()).toBe(1);
  });
});
