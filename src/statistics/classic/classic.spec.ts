import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { betaBinomialSuperiority } from './beta-binomial-superiority.js';
import { fisherExact } from './fisher-exact.js';
import { hodgesLehmann } from './hodges-lehmann.js';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
import { mannWhitney } from './mann-whitney.js';
import { mannWhitneyCumulative } from './mann-whitney-cumulative.js';
import { rankSum } from './rank-sum.js';
import { twoProportionZ } from './two-proportion-z.js';
import { welchT } from './welch-t.js';

const sample = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 15 });

/** All ways to place m of the ranks 1…m + n. */
function placements(m: number, n: number): number[][] {
  if (m === 0) return [[]];
  if (m > n + m || n < 0) return [];
  const withLast = placements(m - 1, n).map((ranks) => [...ranks, m + n]);
  return n === 0 ? withLast : [...withLast, ...placements(m, n - 1)];
}

describe('rankSum', () => {
  it('gives half of the pairs that are tied to each side', () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const wins = x.flatMap((a) => y.map((b): number => (a > b ? 1 : a === b ? 0.5 : 0))).reduce((sum, win) => sum + win, 0);
        expect(rankSum(x, y).rankSum - (x.length * (x.length + 1)) / 2).toBeCloseTo(wins, 9);
      }),
    );
  });

  it('refuses values that have no order', () => {
    expect(() => rankSum([Number.NaN], [1])).toThrow(RangeError);
  });
});

describe('mannWhitney', () => {
  it('counts every arrangement of small samples', () => {
    const all = placements(4, 5).map((ranks) => ranks.reduce((sum, rank) => sum + rank, 0) - 10);
    mannWhitneyCumulative(4, 5).forEach((chance, u) => {
      expect(chance).toBeCloseTo(all.filter((value) => value <= u).length / all.length, 12);
    });
  });

  it('keeps its digits up to the largest exact samples', () => {
    const chances = mannWhitneyCumulative(49, 49);
    expect(chances.at(-1)).toBeCloseTo(1, 10);
    expect(chances[1200]).toBeCloseTo(1 - (chances[1200] as number), 10); // symmetric about 1200.5
    expect(chances[0]).toBeGreaterThan(0);
  });

  it('takes the other side for the mirrored question', () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const [forth, back] = [mannWhitney(x, y, { method: 'normal' }), mannWhitney(y, x, { method: 'normal' })];
        expect(forth.u + back.u).toBe(x.length * y.length);
        if (Number.isFinite(forth.pTwoSided)) expect(forth.pTwoSided).toBeCloseTo(back.pTwoSided, 12);
        expect(hodgesLehmann(x, y)).toBeCloseTo(-hodgesLehmann(y, x), 12);
      }),
      { numRuns: 30 },
    );
  });

  it('finds no evidence in equal values', () => {
    expect(mannWhitney([1, 1], [1, 1], { method: 'normal' }).pTwoSided).toBeNaN();
    expect(() => mannWhitney([], [1], { method: 'exact' })).toThrow(RangeError);
  });
});

describe('welchT', () => {
  it('excludes 0 exactly where it rejects', () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const { pTwoSided, interval } = welchT(x, y, 0.95);
        fc.pre(Math.abs(pTwoSided - 0.05) > 1e-9);
        if (pTwoSided < 0.05) expect(interval.low > 0 || interval.high < 0).toBe(true);
        if (pTwoSided > 0.05) expect(interval.low < 0 && interval.high > 0).toBe(true);
      }),
    );
  });

  it('refuses a sample without spread to measure', () => {
    expect(() => welchT([1], [1, 2])).toThrow(RangeError);
    expect(welchT([1, 1], [2, 2]).pTwoSided).toBeNaN();
  });
});

describe('two proportions', () => {
  it('agree with the table of the lady tasting tea', () => {
    const { pGreater, pTwoSided, oddsRatio } = fisherExact({ events: 3, total: 4 }, { events: 1, total: 4 });
    expect(pGreater).toBeCloseTo(17 / 70, 12);
    expect(pTwoSided).toBeCloseTo(34 / 70, 12);
    expect(oddsRatio).toBeCloseTo(6.4083, 4);
  });

  it('have no upper bound for the odds when all events are on one side', () => {
    const { interval, oddsRatio } = fisherExact({ events: 5, total: 50 }, { events: 0, total: 50 });
    expect([oddsRatio, interval.high]).toEqual([Infinity, Infinity]);
    expect(interval.low).toBeGreaterThan(0);
  });

  it('show no evidence without events', () => {
    expect(twoProportionZ({ events: 0, total: 50 }, { events: 0, total: 80 }).pTwoSided).toBeNaN();
    expect(fisherExact({ events: 0, total: 50 }, { events: 0, total: 80 })).toMatchObject({ pTwoSided: 1, pGreater: 1 });
  });

  it('split the posterior between the two orders', () => {
    const [a, b] = [
      { events: 7, total: 400 },
      { events: 0, total: 90 },
    ];
    expect(betaBinomialSuperiority(a, b) + betaBinomialSuperiority(b, a)).toBeCloseTo(1, 9);
    expect(betaBinomialSuperiority(a, b, { ratio: 3, offset: 0 })).toBeLessThan(betaBinomialSuperiority(a, b));
  });
});

describe('kolmogorovSmirnov', () => {
  it('counts every arrangement of small samples', () => {
    const distanceOf = (ranks: readonly number[]): number => {
      const others = Array.from({ length: 9 }, (_, i) => i + 1).filter((rank) => !ranks.includes(rank));
      return kolmogorovSmirnov(ranks, others, 'asymptotic').distance;
    };
    const all = placements(4, 5);
    const { distance, p } = kolmogorovSmirnov([1, 2, 3, 6], [4, 5, 7, 8, 9], 'exact');
    expect(p).toBeCloseTo(all.filter((ranks) => distanceOf(ranks) >= distance - 1e-9).length / all.length, 12);
  });

  it('finds nothing between a sample and itself', () => {
    expect(kolmogorovSmirnov([1, 2, 3], [1, 2, 3], 'asymptotic')).toMatchObject({ distance: 0, p: 1, distanceLess: 0, pLess: 1 });
  });
});
