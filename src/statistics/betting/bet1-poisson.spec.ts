import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { logGamma } from '../special/log-gamma.js';
import type { Side } from './affine-margin.js';
import { bet1Poisson } from './bet1-poisson.js';
import { bet2Poisson } from './bet2-poisson.js';

describe('bet1Poisson', () => {
  it('wins nothing on average while the rate is exactly at the limit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 3, noNaN: true }), fc.double({ min: 0.5, max: 3, noNaN: true }), (limit, exposure) => {
        let expected = 0;
        for (let events = 0; events < 150; events++) {
          const logChance = events * Math.log(limit * exposure) - limit * exposure - logGamma(events + 1);
          expected += Math.exp(logChance + bet1Poisson([{ exposure, events, phi: 1 }], limit, 'safe').logE);
        }
        expect(expected).toBeCloseTo(1, 9);
      }),
    );
  });

  it('is what two cohorts say when the baseline has no part in the margin', () => {
    const window = { canaryExposure: 15, canaryEvents: 9, baselineExposure: 15, baselineEvents: 0, phi: 1.5 };
    for (const side of ['harm', 'safe'] satisfies Side[]) {
      const alone = bet1Poisson([{ exposure: 15, events: 9, phi: 1.5 }], 0.3, side).logE;
      expect(alone).toBeCloseTo(bet2Poisson([window], { ratio: 1e-12, offset: 0.3 }, side).logE, 6);
    }
  });

  it('refuses a limit that no events could exceed', () => {
    expect(() => bet1Poisson([], 0, 'harm')).toThrow(RangeError);
    expect(() => bet1Poisson([{ exposure: 1, events: -1, phi: 1 }], 1, 'harm')).toThrow(RangeError);
  });
});
