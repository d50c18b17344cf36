import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adjustedPValues } from './adjusted-p-values.js';
import { closedMeanAdjusted } from './closed-mean-adjusted.js';
import { eBenjaminiHochberg } from './e-benjamini-hochberg.js';
import { weightedMeanEvidence } from './weighted-mean-evidence.js';

const eValues = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 7 });

describe('weightedMeanEvidence', () => {
  it('rejects whenever a Bonferroni test with the same weights does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -20, max: 20, noNaN: true }), fc.double({ min: 0.1, max: 10, noNaN: true })), { minLength: 1 }),
        (metrics) => {
          const [logs, weights] = [metrics.map(([log]) => log), metrics.map(([, weight]) => weight)];
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          const mean = weightedMeanEvidence(logs, weights);
          metrics.forEach(([log, weight]) => {
            expect(mean).toBeGreaterThanOrEqual(log + Math.log(weight / total) - 1e-9);
          });
        },
      ),
    );
  });

  it('does not overflow where the e-values would', () => {
    expect(weightedMeanEvidence([5000, 0], [1, 1])).toBeCloseTo(5000 - Math.LN2, 9);
    expect(weightedMeanEvidence([], [])).toBe(-Infinity);
  });
});

describe('closedMeanAdjusted', () => {
  it('is the smallest mean over all sets that hold the e-value', () => {
    fc.assert(
      fc.property(eValues, (values) => {
        const smallest = values.map(() => Infinity);
        for (let set = 1; set < 2 ** values.length; set++) {
          const members = values.filter((_, i) => (set >> i) & 1);
          const mean = members.reduce((sum, value) => sum + value, 0) / members.length;
          values.forEach((_, i) => {
            if ((set >> i) & 1) smallest[i] = Math.min(smallest[i] as number, mean);
          });
        }
        closedMeanAdjusted(values).forEach((adjusted, i) => {
          expect(adjusted).toBeCloseTo(smallest[i] as number, 8);
        });
      }),
    );
  });
});

describe('eBenjaminiHochberg', () => {
  it('rejects the largest e-values, as many as their rank allows', () => {
    expect(eBenjaminiHochberg([1, 45, 60, 2], 0.05)).toEqual([1, 2]);
    expect(eBenjaminiHochberg([1, 45, 30, 2], 0.05)).toEqual([]);
    expect(eBenjaminiHochberg([], 0.05)).toEqual([]);
  });

  it('rejects every e-value that Bonferroni would', () => {
    fc.assert(
      fc.property(eValues, (values) => {
        const large = values.flatMap((value, i) => (value >= values.length / 0.05 ? [i] : []));
        expect(eBenjaminiHochberg(values, 0.05)).toEqual(expect.arrayContaining(large));
      }),
    );
  });
});

describe('adjustedPValues', () => {
  it('never lowers a p-value, and keeps their order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 10 }), (p) => {
        const { holm, benjaminiHochberg } = adjustedPValues(p);
        p.forEach((value, i) => {
          expect(benjaminiHochberg[i]).toBeGreaterThanOrEqual(value - 1e-12);
          expect(holm[i]).toBeGreaterThanOrEqual((benjaminiHochberg[i] as number) - 1e-12);
          expect(holm[i]).toBeLessThanOrEqual(1);
        });
      }),
    );
  });
});
