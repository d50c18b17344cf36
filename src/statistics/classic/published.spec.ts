import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { weightedHolm } from '../multiplicity/weighted-holm.js';
import { betaBinomialSuperiority } from './beta-binomial-superiority.js';
import { fisherExact } from './fisher-exact.js';
import { hodgesLehmann } from './hodges-lehmann.js';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';
import { mannWhitney } from './mann-whitney.js';
import { proportionDifferenceInterval, proportionMarginTest } from './proportion-margin-test.js';
import { twoProportionZ } from './two-proportion-z.js';
import { welchOfMoments, welchT } from './welch-t.js';

/** Numbers that books and the help pages of R print. */
describe('published examples', () => {
  // Hollander & Wolfe (1973), 69f: permeability of the human chorioamnion; ?wilcox.test
  const atTerm = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const earlier = [1.15, 0.88, 0.9, 0.74, 1.21];

  it('Mann–Whitney: permeability, W = 35, p = 0.1272 and shift 0.305', () => {
    const { u, pGreater } = mannWhitney(atTerm, earlier, { method: 'exact' });
    expect(u).toBe(35);
    expect(pGreater).toBeCloseTo(0.1272, 4);
    expect(hodgesLehmann(atTerm, earlier)).toBeCloseTo(0.305, 9);
  });

  // Cushny & Peebles (1905), sleep; ?t.test
  const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
  const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

  it('Welch: sleep, t = -1.8608 on 17.776 degrees of freedom', () => {
    const { t, df, pTwoSided, interval } = welchT(first, second);
    expect([t, df, pTwoSided].map((value) => Number(value.toPrecision(5)))).toEqual([-1.8608, 17.776, 0.079394]);
    expect(interval.low).toBeCloseTo(-3.3654832, 7);
    expect(interval.high).toBeCloseTo(0.2054832, 7);
  });

  // Fisher (1962): convictions of twins of criminals; ?fisher.test
  it('Fisher: convictions, p = 0.0004652 and the interval of the odds ratio', () => {
    const { pLess, pTwoSided, oddsRatio, interval } = fisherExact({ events: 2, total: 17 }, { events: 10, total: 13 });
    expect([pLess, pTwoSided, oddsRatio].map((value) => Number(value.toPrecision(4)))).toEqual([0.0004652, 0.0005367, 0.04694]);
    expect(interval.low).toBeCloseTo(0.003325764, 4); // R's search stops at about four digits
    expect(interval.high).toBeCloseTo(0.363182271, 4);
  });

  it('two proportions: 15 and 25 of 50, chi-square 3.375 with Yates, p = 0.06619', () => {
    const { chiSquare, pTwoSided } = twoProportionZ({ events: 15, total: 50 }, { events: 25, total: 50 }, 0.95, true);
    expect(chiSquare).toBeCloseTo(3.375, 10);
    expect(pTwoSided).toBeCloseTo(0.06619, 5);
  });

  // Newcombe (1998), Interval estimation for the difference between independent proportions, table II, method 5
  it('score interval: 56 of 70 against 48 of 80, from 0.0533 to 0.3377', () => {
    const { low, high } = proportionDifferenceInterval({ events: 56, total: 70 }, { events: 48, total: 80 });
    expect(low).toBeCloseTo(0.0533, 4);
    expect(high).toBeCloseTo(0.3377, 4);
  });

  // Miller (2010), Formulas for Bayesian A/B testing: a sum that is exact for whole parameters
  it('beta-binomial: the closed sum for uniform priors', () => {
    const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
    const beta = (a: number, b: number): number => (factorial(a - 1) * factorial(b - 1)) / factorial(a + b - 1);
    const [a1, b1, a2, b2] = [4, 8, 6, 5];
    let chance = 0;
    for (let i = 0; i < a2; i++) chance += beta(a1 + i, b1 + b2) / ((b2 + i) * beta(1 + i, b2) * beta(a1, b1));
    const found = betaBinomialSuperiority({ events: a2 - 1, total: a2 + b2 - 2 }, { events: a1 - 1, total: a1 + b1 - 2 }, undefined, {
      a: 1,
      b: 1,
    });
    expect(found).toBeCloseTo(chance, 10);
  });

  // Smirnov's table: with 5 and 5 values a distance of 1 has chance 2 / C(10, 5)
  it('Kolmogorov–Smirnov: two samples of 5 apart, p = 2/252', () => {
    expect(kolmogorovSmirnov([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 'exact').p).toBeCloseTo(2 / 252, 12);
  });

  // Holm (1979): steps with unequal shares; equal ones give the ordinary procedure
  it('Holm: 0.01, 0.04, 0.03 and 0.005 become 0.03, 0.06, 0.06 and 0.02', () => {
    const adjusted = weightedHolm([0.01, 0.04, 0.03, 0.005].map((p) => ({ p, weight: 1 })));
    expect(adjusted.map((p) => Number(p.toFixed(10)))).toEqual([0.03, 0.06, 0.06, 0.02]);
  });
});

describe('tests against a margin', () => {
  const proportion = fc
    .integer({ min: 1, max: 300 })
    .chain((total) => fc.integer({ min: 0, max: total }).map((events) => ({ events, total })));

  it('is the two-proportion z test where the margin is nothing', () => {
    fc.assert(
      fc.property(proportion, proportion, (a, b) => {
        const plain = twoProportionZ(a, b);
        const { pGreater, pLess } = proportionMarginTest(a, b, { ratio: 1, offset: 0 });
        if (Number.isNaN(plain.pGreater)) expect(pGreater).toBeNaN();
        else expect(pGreater).toBeCloseTo(plain.pGreater, 9);
        if (!Number.isNaN(pGreater)) expect(pGreater + pLess).toBeCloseTo(1, 9);
      }),
    );
  });

  it('maximises the likelihood on the margin', () => {
    fc.assert(
      fc.property(
        proportion,
        proportion,
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        fc.double({ min: -0.2, max: 0.2, noNaN: true }),
        (a, b, ratio, offset) => {
          const { z } = proportionMarginTest(a, b, { ratio, offset });
          const loglik = (q: number): number =>
            term(b.events, q) +
            term(b.total - b.events, 1 - q) +
            term(a.events, ratio * q + offset) +
            term(a.total - a.events, 1 - ratio * q - offset);
          const term = (count: number, share: number): number => (count === 0 ? 0 : share > 0 ? count * Math.log(share) : -Infinity);
          const [low, high] = [Math.max(0, -offset / ratio), Math.min(1, (1 - offset) / ratio)];
          let best = { q: low, value: -Infinity };
          for (let i = 0; i <= 20_000; i++) {
            const q = low + ((high - low) * i) / 20_000;
            if (loglik(q) > best.value) best = { q, value: loglik(q) };
          }
          const p = Math.min(1, Math.max(0, ratio * best.q + offset));
          const error = Math.sqrt((p * (1 - p)) / a.total + (ratio ** 2 * best.q * (1 - best.q)) / b.total);
          const wanted = (a.events / a.total - (ratio * b.events) / b.total - offset) / error;
          fc.pre(error > 0.01 && Number.isFinite(z));
          expect(Math.abs(z - wanted)).toBeLessThan(0.02 + 0.02 * Math.abs(wanted));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('shows a share safe without a single event, after about 2.7 / margin observations', () => {
    const none = (total: number) => ({ events: 0, total });
    const at = (total: number): number => proportionMarginTest(none(total), none(5000), { ratio: 1, offset: 0.01 }).pLess;
    expect(at(260)).toBeGreaterThan(0.05);
    expect(at(280)).toBeLessThan(0.05);
  });

  it('counts the tables of Fisher’s test at an odds ratio other than 1', () => {
    // two samples of 4 with 4 events in all: k of them in the first
    const chances = [1, 16, 36, 16, 1].map((tables, k) => tables * 2.5 ** k);
    const total = chances.reduce((sum, chance) => sum + chance, 0);
    const [three = 0, four = 0] = chances.slice(3);
    const { pGreater, pLess } = fisherExact({ events: 3, total: 4 }, { events: 1, total: 4 }, 0.95, 2.5);
    expect(pGreater).toBeCloseTo((three + four) / total, 12);
    expect(pLess).toBeCloseTo((total - four) / total, 12);
    expect(() => fisherExact({ events: 3, total: 4 }, { events: 1, total: 4 }, 0.95, 0)).toThrow(RangeError);
  });

  it('knows of Welch’s test only what the moments say', () => {
    const [x, y] = [
      [1, 2, 3, 4.5],
      [2, 2.5, 3.5, 5, 6],
    ];
    const moments = (values: readonly number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return { count: values.length, mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) };
    };
    expect(welchOfMoments(moments(x), moments(y))).toEqual(welchT(x, y));
  });

  it('gives a heavier metric more of the error rate', () => {
    const [heavy, light] = weightedHolm([
      { p: 0.01, weight: 3 },
      { p: 0.01, weight: 1 },
    ]);
    expect(heavy).toBeCloseTo(0.01333, 4);
    expect(light).toBeCloseTo(0.01333, 4); // the only one left gets all
  });
});
