import { describe, expect, it } from '@jest/globals';
import type { Histogram } from '../histograms/histogram.js';
import { histogramQuantile } from '../histograms/histogram-quantile.js';
import { quantileType7 } from '../quantiles/quantile-type7.js';
import { seededRandom } from '../special/seeded-random.js';
import { bootstrapHistogramDifference, bootstrapQuantileDifference } from './bootstrap-quantile-difference.js';

/** Efron & Tibshirani (1993), table 2.1: days that mice lived, treated and not. */
const treated = [94, 197, 16, 38, 99, 141, 23];
const untreated = [52, 104, 146, 10, 50, 31, 40, 27, 46];
const alone = (values: readonly number[]): number[][] => values.map((value) => [value]);

/** The same bootstrap written as the textbook does: lists of values, sorted afresh each time. */
function textbook(x: readonly (readonly number[])[], y: readonly (readonly number[])[], p: number, seed: number, replicates: number) {
  const random = seededRandom(seed);
  const drawn = [x, y].map((clusters) =>
    Array.from({ length: replicates }, () =>
      quantileType7(
        clusters.flatMap(() => clusters[Math.floor(random() * clusters.length)] ?? []),
        p,
      ),
    ),
  );
  const differences = (drawn[0] ?? []).map((value, index) => value - (drawn[1]?.[index] ?? Number.NaN));
  return { low: quantileType7(differences, 0.025), high: quantileType7(differences, 0.975) };
}

describe('bootstrapQuantileDifference', () => {
  it('agrees with the textbook way, draw by draw', () => {
    const clusters = [
      [94, 197, 16],
      [38, 99],
      [141, 23, 23, 7],
    ];
    const others = [[52, 104, 146, 10], [50, 31], [40, 27], [46]];
    for (const p of [0, 0.25, 0.5, 0.9, 1]) {
      const { interval } = bootstrapQuantileDifference(clusters, others, p, { seed: 11, replicates: 500 });
      expect(interval).toEqual(textbook(clusters, others, p, 11, 500));
    }
  });

  it('has the standard errors of the medians that Efron and Tibshirani print for the mice', () => {
    // section 2.2 and exercise 13: medians 94 and 46, difference 48
    const { first, second, interval } = bootstrapQuantileDifference(alone(treated), alone(untreated), 0.5, { seed: 1 });
    expect([first, second]).toEqual([94, 46]);
    // standard errors 37.83 and 12.68, so 39.90 of the difference: 95 % spans about ±2 of them
    expect(interval.low).toBeGreaterThan(48 - 2.2 * 39.9);
    expect(interval.low).toBeLessThan(0);
    expect(interval.high).toBeLessThan(48 + 2.7 * 39.9);
    expect(interval.high).toBeGreaterThan(95);
  });

  it('gives the same bytes for the same seed, and others for another', () => {
    const of = (seed: number) =>
      JSON.stringify(bootstrapQuantileDifference(alone(treated), alone(untreated), 0.3, { seed, replicates: 200 }));
    expect(of(5)).toBe(of(5));
    expect(of(6)).not.toBe(of(5));
  });

  it('is wider where values come in clusters than where they are taken as independent', () => {
    const random = seededRandom(3);
    const clustered = Array.from({ length: 12 }, () => {
      const level = random();
      return Array.from({ length: 20 }, () => level + 0.1 * random());
    });
    const width = (x: readonly (readonly number[])[], y: readonly (readonly number[])[]): number => {
      const { interval } = bootstrapQuantileDifference(x, y, 0.5, { seed: 4, replicates: 400 });
      return interval.high - interval.low;
    };
    const [a, b] = [clustered.slice(0, 6), clustered.slice(6)];
    expect(width(a, b)).toBeGreaterThan(2 * width(alone(a.flat()), alone(b.flat())));
  });

  it('never calls anything impossible: the sample itself counts as a draw', () => {
    const { pGreater, pLess } = bootstrapQuantileDifference(alone([10, 11, 12]), alone([1, 2, 3]), 0.5, { seed: 1, replicates: 999 });
    expect([pGreater, pLess]).toEqual([0.001, 1]);
  });

  it('refuses a side without values', () => {
    expect(() => bootstrapQuantileDifference([], alone([1]), 0.5, { seed: 1 })).toThrow(RangeError);
    expect(() => bootstrapQuantileDifference(alone([1]), [[], []], 0.5, { seed: 1 })).toThrow(RangeError);
  });
});

describe('bootstrapHistogramDifference', () => {
  const window = (offset: number, counts: readonly number[], scale = 3): Histogram => ({
    kind: 'exponential',
    scale,
    zeroCount: 0,
    offset,
    counts: [...counts],
  });
  const slow = [window(2, [3, 9, 4, 1]), window(2, [2, 8, 6, 1]), window(3, [9, 5, 2]), window(2, [1, 7, 7, 2])];
  const quick = [window(0, [4, 9, 3]), window(0, [3, 9, 5, 1]), window(-1, [1, 5, 9, 2]), window(0, [5, 8, 4])];

  it('finds a shift in several quantiles with the same draws, and holds it against a margin', () => {
    const [median, tail] = bootstrapHistogramDifference(slow, quick, [0.5, 0.95], { seed: 2 });
    expect(median?.pGreater).toBeLessThan(0.001);
    expect(median?.interval.low).toBeGreaterThan(0);
    expect(tail?.first).toBeGreaterThan(median?.first ?? 0);
    const [lenient] = bootstrapHistogramDifference(slow, quick, [0.5], { seed: 2, margin: { ratio: 2, offset: 0 } });
    expect(lenient?.pLess).toBeLessThan(0.001);
    expect(lenient?.interval).toEqual(median?.interval);
  });

  it('takes quantiles as every other number of a histogram is taken', () => {
    const explicit = (counts: readonly number[]): Histogram => ({ kind: 'explicit', bounds: [0.1, 0.5, 2], counts: [...counts] });
    const zeros: Histogram = { kind: 'exponential', scale: 2, zeroCount: 30, offset: -4, counts: [5, 0, 7, 20] };
    for (const one of [window(-3, [0, 4, 0, 6, 1]), zeros, explicit([3, 8, 1, 0]), explicit([0, 2, 2, 9])]) {
      const at = [0.01, 0.25, 0.5, 0.77, 0.99];
      const found = bootstrapHistogramDifference([one, one], [one], at, { seed: 1, replicates: 1 });
      at.forEach((p, index) => {
        expect(found[index]?.first).toBeCloseTo(histogramQuantile(one, p) ?? Number.NaN, 10);
      });
    }
  });

  it('meets windows of unlike scale in the coarser one', () => {
    const [first] = bootstrapHistogramDifference([...slow, window(1, [8, 6], 2)], quick, [0.5], { seed: 2 });
    expect(first?.pGreater).toBeLessThan(0.05);
  });

  it('says nothing where a side saw nothing or its histograms cannot be added up', () => {
    const explicit: Histogram = { kind: 'explicit', bounds: [1], counts: [1, 1] };
    expect(bootstrapHistogramDifference([], quick, [0.5], { seed: 2 })).toEqual([]);
    expect(bootstrapHistogramDifference([...slow, explicit], quick, [0.5], { seed: 2 })).toEqual([]);
    expect(bootstrapHistogramDifference([window(0, [0])], quick, [0.5], { seed: 2 })).toEqual([]);
  });
});
