import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { logGamma } from '../special/log-gamma.js';
import type { AffineMargin, Side } from './affine-margin.js';
import { bet2 } from './bet2.js';
import { bet2Increments } from './bet2-increments.js';
import type { TwoArmWindow } from './two-arm-window.js';

const window = (canary: [number, number], baseline: [number, number], more: Partial<TwoArmWindow> = {}): TwoArmWindow => {
  return {
    canaryTotal: canary[0],
    canaryEvents: canary[1],
    baselineTotal: baseline[0],
    baselineEvents: baseline[1],
    phi: 1,
    base: 0,
    ...more,
  };
};

const counts = (largest: number): fc.Arbitrary<[number, number]> =>
  fc
    .integer({ min: 1, max: largest })
    .chain((total) => fc.integer({ min: 0, max: total }).map((events): [number, number] => [total, events]));

const anyWindow = fc
  .record({
    canary: counts(300),
    baseline: counts(3000),
    phi: fc.double({ min: 1, max: 5, noNaN: true }),
    base: fc.double({ min: 0, max: 0.5, noNaN: true }),
  })
  .map(({ canary, baseline, phi, base }) => window(canary, baseline, { phi, base }));
const anyWindows = fc.array(anyWindow, { minLength: 1, maxLength: 8 });
const side = fc.constantFrom<Side>('harm', 'safe');
const equal: AffineMargin = { ratio: 1, offset: 0 };

/** Expected e-value of one window, summed over every possible outcome. */
function expectedE(
  totals: [number, number],
  rates: [number, number],
  margin: AffineMargin,
  onSide: Side,
  more: Partial<TwoArmWindow>,
  cap: number | null,
) {
  let sum = 0;
  for (let canaryEvents = 0; canaryEvents <= totals[0]; canaryEvents++) {
    for (let baselineEvents = 0; baselineEvents <= totals[1]; baselineEvents++) {
      const chance = binomial(totals[0], canaryEvents, rates[0]) * binomial(totals[1], baselineEvents, rates[1]);
      const { logE } = bet2([window([totals[0], canaryEvents], [totals[1], baselineEvents], more)], margin, onSide, { cap });
      sum += chance * Math.exp(logE);
    }
  }
  return sum;
}

function binomial(total: number, events: number, rate: number): number {
  const choose = logGamma(total + 1) - logGamma(events + 1) - logGamma(total - events + 1);
  return Math.exp(choose) * rate ** events * (1 - rate) ** (total - events);
}

describe('bet2', () => {
  it('wins nothing on average while the canary is exactly at the margin, whatever the split and the guessed base', () => {
    const design = fc.record({
      canaryTotal: fc.integer({ min: 1, max: 8 }),
      baselineTotal: fc.integer({ min: 1, max: 8 }),
      baselineRate: fc.double({ min: 0.01, max: 0.4, noNaN: true }),
      ratio: fc.double({ min: 0.5, max: 2, noNaN: true }),
      offset: fc.double({ min: -0.005, max: 0.1, noNaN: true }),
      base: fc.double({ min: 0, max: 0.4, noNaN: true }),
      phi: fc.constantFrom(1, 2.5),
      cap: fc.constantFrom(null, 0.5),
    });
    fc.assert(
      fc.property(design, side, ({ canaryTotal, baselineTotal, baselineRate, ratio, offset, base, phi, cap }, onSide) => {
        const canaryRate = Math.max(0, ratio * baselineRate + offset);
        const rates: [number, number] = [canaryRate, (canaryRate - offset) / ratio];
        expect(expectedE([canaryTotal, baselineTotal], rates, { ratio, offset }, onSide, { phi, base }, cap)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same evidence in whatever order the windows come', () => {
    fc.assert(
      fc.property(anyWindows, side, (windows, onSide) => {
        const forwards = bet2(windows, { ratio: 1.1, offset: 0.001 }, onSide, { cap: 2 }).logE;
        expect(bet2(windows.toReversed(), { ratio: 1.1, offset: 0.001 }, onSide, { cap: 2 }).logE).toBeCloseTo(forwards, 8);
      }),
    );
  });

  it('sees more harm and less safety with every further canary event', () => {
    fc.assert(
      fc.property(anyWindow, (one) => {
        fc.pre(one.canaryEvents < one.canaryTotal);
        const worse = { ...one, canaryEvents: one.canaryEvents + 1 };
        expect(bet2([worse], equal, 'harm').logE).toBeGreaterThan(bet2([one], equal, 'harm').logE);
        expect(bet2([worse], equal, 'safe').logE).toBeLessThan(bet2([one], equal, 'safe').logE);
      }),
    );
  });

  it('sees less harm and more safety behind a wider margin', () => {
    const windows = [window([500, 9], [4000, 40]), window([300, 5], [5000, 44])];
    const wide = { ratio: 1.5, offset: 0.001 };
    expect(bet2(windows, wide, 'harm').logE).toBeLessThan(bet2(windows, equal, 'harm').logE);
    expect(bet2(windows, wide, 'safe').logE).toBeGreaterThan(bet2(windows, equal, 'safe').logE);
  });

  it('is the sum of what each window adds', () => {
    fc.assert(
      fc.property(anyWindows, side, (windows, onSide) => {
        const { componentLogE } = bet2(windows, equal, onSide, { cap: 1 });
        const increments = windows.map((one) => bet2Increments(one, equal, onSide, 1));
        componentLogE.forEach((sum, k) => {
          expect(sum).toBeCloseTo(
            increments.reduce((total, increment) => total + (increment[k] as number), 0),
            8,
          );
        });
      }),
    );
  });

  it('lets no single window decide when capped', () => {
    const terrible = window([1000, 900], [10_000, 10]);
    expect(bet2([terrible], equal, 'harm', { cap: 2.3 }).logE).toBeCloseTo(2.3, 6);
    expect(bet2([terrible], equal, 'harm').logE).toBeGreaterThan(1000);
  });

  it('is not fooled when the split grows while the base rate rises', () => {
    const fivePercent = Array.from({ length: 20 }, () => window([50, 0], [950, 2]));
    const half = Array.from({ length: 20 }, () => window([500, 20], [500, 20]));
    expect(bet2([...fivePercent, ...half], equal, 'harm').logE).toBeLessThan(1);
  });

  it('learns nothing from a window in which one cohort was silent', () => {
    const silent = window([0, 0], [9000, 2]);
    expect(bet2([silent], equal, 'harm').logE).toBeCloseTo(0, 12);
    expect(bet2([], equal, 'safe').logE).toBeCloseTo(0, 12);
  });

  it('accepts a guessed base at which the margin would be no proportion', () => {
    expect(bet2([window([100, 95], [100, 90], { base: 0.9 })], { ratio: 1.3, offset: 0 }, 'harm').logE).toBeLessThan(1);
    expect(bet2([window([100, 5], [100, 9], { base: 0 })], { ratio: 1, offset: -0.02 }, 'harm').logE).toBeLessThan(1);
  });

  it('stays finite at a million requests', () => {
    const { logE } = bet2([window([1_000_000, 0], [1_000_000, 1_000_000])], equal, 'safe');
    expect(Number.isFinite(logE)).toBe(true);
    expect(logE).toBeGreaterThan(1e5);
  });

  it('refuses impossible counts, dispersion below 1 and a margin that no proportion can meet', () => {
    expect(() => bet2([window([10, 11], [10, 0])], equal, 'harm')).toThrow(RangeError);
    expect(() => bet2([window([10, Number.NaN], [10, 0])], equal, 'harm')).toThrow(RangeError);
    expect(() => bet2([window([10, 1], [10, 0], { phi: 0.5 })], equal, 'harm')).toThrow(RangeError);
    expect(() => bet2([window([10, 1], [10, 0])], { ratio: 1, offset: 1 }, 'harm')).toThrow(RangeError);
  });
});
