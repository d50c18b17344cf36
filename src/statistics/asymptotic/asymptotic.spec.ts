import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RunningSeries } from '../dependence/running-series.js';
import { everything } from '../interval.js';
import { asymptoticHalfWidth } from './asymptotic-half-width.js';
import { asymptoticLogE } from './asymptotic-log-e.js';
import { gaugeDifferenceBounds } from './gauge-difference-bounds.js';
import { gaugeEvidence } from './gauge-evidence.js';
import { meanDifferenceBounds } from './mean-difference-bounds.js';
import { meanEvidence } from './mean-evidence.js';
import { selfNormalizedLogE } from './self-normalized-log-e.js';
import { StratifiedMeans, type TwoMeansWindow } from './stratified-means.js';

const window = (canary: number, baseline: number, counts = { canary: 50, baseline: 500 }): TwoMeansWindow => {
  return { canary: { count: counts.canary, mean: canary, variance: 4 }, baseline: { count: counts.baseline, mean: baseline, variance: 4 } };
};
const windows = (canary: number, baseline: number, count = 20): TwoMeansWindow[] =>
  Array.from({ length: count }, () => window(canary, baseline));
const many = (canary: number, baseline: number, count = 20): StratifiedMeans => StratifiedMeans.of(windows(canary, baseline, count));
const equal = { ratio: 1, offset: 0 };

describe('asymptotic sequences', () => {
  it('reject exactly what lies outside their interval', () => {
    const shape = fc.record({
      alpha: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
      bestInformation: fc.double({ min: 50, max: 5000, noNaN: true }),
      oneSided: fc.constant(false),
    });
    fc.assert(
      fc.property(
        shape,
        fc.double({ min: 10, max: 1e5, noNaN: true }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (at, information, variance) => {
          const halfWidth = asymptoticHalfWidth(information, variance, at);
          expect(asymptoticLogE(halfWidth, information, variance, at)).toBeCloseTo(-Math.log(at.alpha), 7);
        },
      ),
    );
  });

  it('never narrow to a point without spread', () => {
    const shape = { alpha: 0.05, bestInformation: 500, oneSided: true };
    expect(asymptoticHalfWidth(1000, 0, shape)).toBe(Infinity);
    expect(asymptoticLogE(5, 1000, 0, shape)).toBe(0);
    expect(() => asymptoticHalfWidth(1000, 1, { ...shape, alpha: 0.5 })).toThrow(RangeError);
  });
});

describe('stratifiedMeans', () => {
  it('is not biased by a split that grows while the mean drifts', () => {
    const drifting = [
      window(10, 10, { canary: 50, baseline: 950 }),
      window(20, 20, { canary: 500, baseline: 500 }),
      window(40, 40, { canary: 900, baseline: 100 }),
    ];
    expect(StratifiedMeans.of(drifting).against(equal).estimate).toBeCloseTo(0, 12);
  });

  it('moves with the unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: -100, max: 100, noNaN: true }), (factor, shift) => {
        const scaled = windows(11, 10).map(({ canary, baseline }) => ({
          canary: { count: canary.count, mean: factor * canary.mean + shift, variance: factor ** 2 * canary.variance },
          baseline: { count: baseline.count, mean: factor * baseline.mean + shift, variance: factor ** 2 * baseline.variance },
        }));
        expect(meanEvidence(StratifiedMeans.of(scaled), equal, 'harm').logE).toBeCloseTo(meanEvidence(many(11, 10), equal, 'harm').logE, 6);
      }),
    );
  });

  it('does not believe a canary that happens to show less spread than the baseline', () => {
    const calm = windows(11, 10).map((one) => ({ ...one, canary: { ...one.canary, variance: 0.01 } }));
    const { varianceWindow, varianceConservative } = StratifiedMeans.of(calm).against(equal);
    expect(varianceConservative).toBeGreaterThan(5 * varianceWindow);
  });
});

describe('meanEvidence', () => {
  it('proves a harm beyond the margin, and safety within it', () => {
    expect(meanEvidence(many(11, 10), { ratio: 1.02, offset: 0 }, 'harm').logE).toBeGreaterThan(Math.log(100));
    expect(meanEvidence(many(10, 10), { ratio: 1.1, offset: 0 }, 'safe').logE).toBeGreaterThan(Math.log(20));
    expect(meanEvidence(many(10, 10), { ratio: 1.1, offset: 0 }, 'harm').logE).toBeLessThan(0);
  });

  it('says nothing during the burn-in', () => {
    expect(meanEvidence(many(99, 1, 2), equal, 'harm').logE).toBe(0);
    expect(meanDifferenceBounds(many(99, 1, 2), 0.05)).toEqual(everything);
  });

  it('counts observations that repeat each other once, in its burn-in as well', () => {
    const [plain, repeated] = [undefined, { phi: 4 }].map((options) => meanEvidence(many(11, 10), equal, 'harm', options).logE);
    expect(repeated).toBeLessThan((plain as number) / 3);
    expect(meanEvidence(many(11, 10), equal, 'harm', { phi: 20 }).logE).toBe(0);
    expect(meanDifferenceBounds(many(11, 10), 0.05, 500, 20)).toEqual(everything);
    const [narrow, wide] = [1, 4].map((phi) => meanDifferenceBounds(many(11, 10), 0.05, 500, phi));
    expect((wide?.high ?? 0) - 1).toBeCloseTo(2 * ((narrow?.high ?? 0) - 1), 9);
  });

  it('bounds the difference around its estimate', () => {
    const { low, high } = meanDifferenceBounds(many(11, 10), 0.05);
    expect((low + high) / 2).toBeCloseTo(1, 9);
    expect(high - low).toBeLessThan(0.6);
  });

  it('skips windows in which a cohort has fewer than two observations', () => {
    const thin = window(99, 1, { canary: 1, baseline: 500 });
    expect(meanEvidence(StratifiedMeans.of([...windows(11, 10), thin]), equal, 'harm')).toEqual(meanEvidence(many(11, 10), equal, 'harm'));
  });
});

describe('gaugeEvidence', () => {
  const noise = (i: number): number => Math.sin(i * 12.9898) + Math.sin(i * 78.233);
  const values = (count: number, level: number): number[] => Array.from({ length: count }, (_, i) => level + noise(i));
  const series = (count: number, level: number): RunningSeries => RunningSeries.of(values(count, level));

  it('proves a raised level and a level within its margin', () => {
    expect(gaugeEvidence(series(60, 1.5), 'harm').logE).toBeGreaterThan(Math.log(100));
    expect(gaugeEvidence(series(60, -1.5), 'safe').logE).toBeGreaterThan(Math.log(100));
    expect(gaugeEvidence(series(60, -1.5), 'harm').logE).toBeLessThan(0);
  });

  it('waits for fifteen effective values, or ten with a history', () => {
    expect(gaugeEvidence(series(12, 5), 'harm')).toMatchObject({ logE: 0, enough: false });
    expect(gaugeDifferenceBounds(series(12, 5), 0.05)).toEqual(everything);
    expect(gaugeEvidence(series(12, 5), 'harm', { history: { lag1: 0.3, variance: 1 } }).logE).toBeGreaterThan(Math.log(100));
  });

  it('is slower for a series that repeats itself', () => {
    const sticky = RunningSeries.of(values(30, 1).flatMap((value) => [value, value]));
    expect(gaugeEvidence(sticky, 'harm').logE).toBeLessThan(gaugeEvidence(series(60, 1), 'harm').logE);
  });

  it('is not sure of a constant difference', () => {
    expect(gaugeEvidence(RunningSeries.of(new Array<number>(60).fill(3)), 'harm').logE).toBe(0);
    expect(gaugeEvidence(new RunningSeries(), 'safe').logE).toBe(0);
  });
});

describe('selfNormalizedLogE', () => {
  it('wins nothing on average over all signs of symmetric differences', () => {
    const sizes = [0.3, 2, 0.7, 1.1, 5, 0.2];
    let sum = 0;
    for (let signs = 0; signs < 2 ** sizes.length; signs++) {
      const differences = sizes.map((size, i) => ((signs >> i) & 1 ? size : -size));
      sum += Math.exp(selfNormalizedLogE(differences, 1, 0));
    }
    expect(sum / 2 ** sizes.length).toBeLessThanOrEqual(1);
  });

  it('gains at most half a nat from one window, however far out', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (difference) => {
        expect(selfNormalizedLogE([difference], 1, 0)).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});
