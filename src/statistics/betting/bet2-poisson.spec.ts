import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { logGamma } from '../special/log-gamma.js';
import type { Side } from './affine-margin.js';
import { bet2Poisson } from './bet2-poisson.js';

const poisson = (mean: number, events: number): number => Math.exp(events * Math.log(mean) - mean - logGamma(events + 1));

describe('bet2Poisson', () => {
  it('wins nothing on average while the canary is exactly at the margin', () => {
    const design = fc.record({
      canaryExposure: fc.double({ min: 0.5, max: 2, noNaN: true }),
      baselineExposure: fc.double({ min: 0.5, max: 4, noNaN: true }),
      rate: fc.double({ min: 0.2, max: 1.5, noNaN: true }),
      ratio: fc.double({ min: 0.7, max: 1.5, noNaN: true }),
      offset: fc.double({ min: 0, max: 0.3, noNaN: true }),
      side: fc.constantFrom<Side>('harm', 'safe'),
    });
    fc.assert(
      fc.property(design, ({ canaryExposure, baselineExposure, rate, ratio, offset, side }) => {
        let expected = 0;
        for (let canaryEvents = 0; canaryEvents < 25; canaryEvents++) {
          for (let baselineEvents = 0; baselineEvents < 35; baselineEvents++) {
            const chance =
              poisson((ratio * rate + offset) * canaryExposure, canaryEvents) * poisson(rate * baselineExposure, baselineEvents);
            const window = { canaryExposure, canaryEvents, baselineExposure, baselineEvents, phi: 1 };
            // the highest bets pay most where the sum is cut off, which can only lower it
            expected += chance * Math.exp(bet2Poisson([window], { ratio, offset }, side).logE);
          }
        }
        expect(expected).toBeLessThanOrEqual(1 + 1e-9);
        if (side === 'safe') expect(expected).toBeCloseTo(1, 6);
      }),
      { numRuns: 10 },
    );
  });

  it('learns nothing without exposure, and refuses negative counts', () => {
    const window = { canaryExposure: 0, canaryEvents: 0, baselineExposure: 15, baselineEvents: 3, phi: 1 };
    expect(bet2Poisson([window], { ratio: 1, offset: 0 }, 'harm').logE).toBeCloseTo(0, 12);
    expect(() => bet2Poisson([{ ...window, canaryEvents: -1 }], { ratio: 1, offset: 0 }, 'harm')).toThrow(RangeError);
  });

  it('proves harm when the canary fails three times as often per second', () => {
    const windows = Array.from({ length: 20 }, () => ({
      canaryExposure: 15,
      canaryEvents: 9,
      baselineExposure: 15,
      baselineEvents: 3,
      phi: 1,
    }));
    expect(bet2Poisson(windows, { ratio: 1.2, offset: 0 }, 'harm').logE).toBeGreaterThan(Math.log(100));
  });
});
