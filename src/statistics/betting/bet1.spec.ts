import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { logGamma } from '../special/log-gamma.js';
import type { Side } from './affine-margin.js';
import { bet1 } from './bet1.js';

describe('bet1', () => {
  it('wins nothing on average while the proportion is exactly at the limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        fc.constantFrom<Side>('harm', 'safe'),
        (total, limit, side) => {
          let expected = 0;
          for (let events = 0; events <= total; events++) {
            const choose = logGamma(total + 1) - logGamma(events + 1) - logGamma(total - events + 1);
            const logChance = choose + events * Math.log(limit) + (total - events) * Math.log1p(-limit);
            expected += Math.exp(logChance + bet1([{ total, events, phi: 1 }], limit, side).logE);
          }
          expect(expected).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  it('proves a limit of one in a thousand from 5 000 requests without a failure, and not from 3 000', () => {
    const unfailing = (total: number): number => bet1([{ total, events: 0, phi: 1 }], 0.001, 'safe').logE;
    expect(unfailing(5_000)).toBeGreaterThan(Math.log(20));
    expect(unfailing(3_000)).toBeLessThan(Math.log(20)); // no method can do it below ln(20)/0.001 ≈ 2 996
  });

  it('needs as many times more requests as events come together', () => {
    const tempered = bet1([{ total: 20_000, events: 0, phi: 4 }], 0.001, 'safe').logE;
    expect(tempered).toBeCloseTo(bet1([{ total: 5_000, events: 0, phi: 1 }], 0.001, 'safe').logE, 9);
  });

  it('refuses a limit that is no proportion', () => {
    expect(() => bet1([], 0.5, 'safe')).not.toThrow();
    expect(() => bet1([{ total: 1, events: 0, phi: 1 }], 0, 'safe')).toThrow(RangeError);
  });
});
