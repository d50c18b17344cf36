import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bet1 } from './bet1.js';
import { bet2 } from './bet2.js';
import { bet2Poisson } from './bet2-poisson.js';
import { proportionBounds } from './proportion-bounds.js';
import { rateDifferenceBounds } from './rate-difference-bounds.js';
import { relativeRiskBounds } from './relative-risk-bounds.js';
import { riskDifferenceBounds } from './risk-difference-bounds.js';
import type { TwoArmWindow } from './two-arm-window.js';

const level = Math.log(20);

const anyWindow = fc
  .record({
    canaryTotal: fc.integer({ min: 20, max: 500 }),
    baselineTotal: fc.integer({ min: 20, max: 2000 }),
    canaryRate: fc.double({ min: 0, max: 0.2, noNaN: true }),
    baselineRate: fc.double({ min: 0, max: 0.2, noNaN: true }),
    phi: fc.constantFrom(1, 2),
  })
  .map(({ canaryTotal, baselineTotal, canaryRate, baselineRate, phi }): TwoArmWindow => {
    const canaryEvents = Math.round(canaryTotal * canaryRate);
    return { canaryTotal, canaryEvents, baselineTotal, baselineEvents: Math.round(baselineTotal * baselineRate), phi, base: 0 };
  });
const anyWindows = fc.array(anyWindow, { minLength: 1, maxLength: 6 });

/** Deterministic stand-in for chance, so that the runs can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const drawn = (random: () => number, total: number, rate: number): number => {
  let events = 0;
  for (let i = 0; i < total; i++) if (random() < rate) events++;
  return events;
};

describe('relativeRiskBounds', () => {
  it('ends where the bet reaches the level', () => {
    fc.assert(
      fc.property(anyWindows, (windows) => {
        const { low, high } = relativeRiskBounds(windows, 0.05, 1e-9);
        fc.pre(bet2(windows, { ratio: Math.sqrt(Math.max(low, 1e-6) * Math.min(high, 1e6)), offset: 0 }, 'harm').logE <= level); // not crossed
        if (low > 0) expect(bet2(windows, { ratio: low, offset: 0 }, 'harm').logE).toBeCloseTo(level, 5);
        if (high < Infinity) expect(bet2(windows, { ratio: high, offset: 0 }, 'safe').logE).toBeCloseTo(level, 5);
        expect(low).toBeLessThanOrEqual(high);
      }),
      { numRuns: 50 },
    );
  });

  it('bounds nothing while there are no events, and one side while only one cohort has them', () => {
    const quiet = { canaryTotal: 300, canaryEvents: 0, baselineTotal: 2700, baselineEvents: 0, phi: 1, base: 0 };
    expect(relativeRiskBounds([quiet], 0.05)).toEqual({ low: 0, high: Infinity });
    expect(relativeRiskBounds([], 0.05)).toEqual({ low: 0, high: Infinity });
    const better = relativeRiskBounds([{ ...quiet, baselineEvents: 40 }], 0.05);
    expect(better.low).toBe(0);
    expect(better.high).toBeLessThan(2);
  });

  it('keeps the true ratio at every look, while split and base rate change', () => {
    const random = seeded(7);
    let missed = 0;
    for (let run = 0; run < 40; run++) {
      const windows: TwoArmWindow[] = [];
      let out = false;
      for (let look = 0; look < 12; look++) {
        const canaryTotal = 40 + 20 * look;
        const rate = 0.02 * (1 + look / 6);
        const canaryEvents = drawn(random, canaryTotal, 1.5 * rate);
        windows.push({ canaryTotal, canaryEvents, baselineTotal: 400, baselineEvents: drawn(random, 400, rate), phi: 1, base: 0 });
        const { low, high } = relativeRiskBounds(windows, 0.05);
        out ||= low > 1.5 || high < 1.5;
      }
      if (out) missed++;
    }
    expect(missed).toBeLessThanOrEqual(4); // both sides at 5 %
  });
});

describe('riskDifferenceBounds', () => {
  it('ends where the bet reaches the level', () => {
    fc.assert(
      fc.property(anyWindows, fc.constantFrom(0, 0.1), (windows, baseReference) => {
        const { low, high } = riskDifferenceBounds(windows, 0.05, baseReference, 1e-9);
        const against = (offset: number, side: 'harm' | 'safe'): number => {
          const base = baseReference + Math.max(0, -offset);
          const based = windows.map((window) => ({ ...window, base }));
          return bet2(based, { ratio: 1, offset }, side).logE;
        };
        fc.pre(against((low + high) / 2, 'harm') <= level); // not crossed
        if (low > -1) expect(against(low, 'harm')).toBeCloseTo(level, 3);
        if (high < 1) expect(against(high, 'safe')).toBeCloseTo(level, 3);
      }),
      { numRuns: 50 },
    );
  });

  it('bounds the difference without a single event', () => {
    const quiet = { canaryTotal: 3000, canaryEvents: 0, baselineTotal: 3000, baselineEvents: 0, phi: 1, base: 0 };
    const { low, high } = riskDifferenceBounds([quiet], 0.05, 0);
    expect(high).toBeGreaterThan(0.001);
    expect(high).toBeLessThan(0.003);
    expect(low).toBeCloseTo(-high, 5);
  });

  it('knows nothing without windows', () => {
    expect(riskDifferenceBounds([], 0.05, 0)).toEqual({ low: -1, high: 1 });
  });

  it('is wider where events come in bursts', () => {
    const one = { canaryTotal: 500, canaryEvents: 10, baselineTotal: 5000, baselineEvents: 100, phi: 1, base: 0 };
    const [alone, bursts] = [riskDifferenceBounds([one], 0.05, 0), riskDifferenceBounds([{ ...one, phi: 3 }], 0.05, 0)];
    expect(bursts.low).toBeLessThan(alone.low);
    expect(bursts.high).toBeGreaterThan(alone.high);
  });
});

describe('bounds of an effect that changes', () => {
  it('are the range that it moved through at least', () => {
    const better = { canaryTotal: 5000, canaryEvents: 50, baselineTotal: 5000, baselineEvents: 500, phi: 1, base: 0 };
    const worse = { canaryTotal: 5000, canaryEvents: 500, baselineTotal: 500, baselineEvents: 5, phi: 1, base: 0 };
    const { low, high } = relativeRiskBounds([better, worse], 0.05);
    expect(low).toBeGreaterThan(0.1);
    expect(high).toBeLessThan(10);
    expect(low).toBeLessThan(high);
  });
});

describe('rateDifferenceBounds', () => {
  const exposed = fc.record({
    canaryExposure: fc.double({ min: 0.1, max: 100, noNaN: true }),
    canaryEvents: fc.nat(200),
    baselineExposure: fc.double({ min: 0.1, max: 1000, noNaN: true }),
    baselineEvents: fc.nat(2000),
    phi: fc.constantFrom(1, 3),
  });

  it('ends where the bet reaches the level', () => {
    fc.assert(
      fc.property(fc.array(exposed, { minLength: 1, maxLength: 6 }), (windows) => {
        const { low, high } = rateDifferenceBounds(windows, 0.05, 1e-9);
        fc.pre(bet2Poisson(windows, { ratio: 1, offset: (low + high) / 2 }, 'harm').logE <= level); // not crossed
        expect(low).toBeLessThanOrEqual(high);
        expect(bet2Poisson(windows, { ratio: 1, offset: low }, 'harm').logE).toBeCloseTo(level, 3);
        expect(bet2Poisson(windows, { ratio: 1, offset: high }, 'safe').logE).toBeCloseTo(level, 3);
      }),
      { numRuns: 50 },
    );
  });

  it('bounds rates that had no event, and nothing without exposure', () => {
    const quiet = { canaryExposure: 1000, canaryEvents: 0, baselineExposure: 1000, baselineEvents: 0, phi: 1 };
    const { low, high } = rateDifferenceBounds([quiet], 0.05);
    expect(high).toBeGreaterThan(0.001);
    expect(high).toBeLessThan(0.01);
    expect(low).toBeLessThan(0);
    expect(rateDifferenceBounds([], 0.05)).toEqual({ low: -Infinity, high: Infinity });
  });
});

describe('proportionBounds', () => {
  it('ends where the bet reaches the level', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ total: fc.integer({ min: 20, max: 2000 }), events: fc.nat(20), phi: fc.constantFrom(1, 3) }), {
          minLength: 1,
          maxLength: 5,
        }),
        (windows) => {
          const { low, high } = proportionBounds(windows, 0.05, 1e-9);
          if (low > 0) expect(bet1(windows, low, 'harm').logE).toBeCloseTo(level, 5);
          if (high < 1) expect(bet1(windows, high, 'safe').logE).toBeCloseTo(level, 5);
          expect(low).toBeLessThan(high);
        },
      ),
    );
  });

  it('knows nothing without observations', () => {
    expect(proportionBounds([], 0.05)).toEqual({ low: 0, high: 1 });
  });

  it('refuses an error rate that is none', () => {
    expect(() => proportionBounds([], 7)).toThrow(RangeError);
    expect(() => relativeRiskBounds([], { lower: 0.05, upper: 0 })).toThrow(RangeError);
  });
});
