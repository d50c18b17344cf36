import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bracketedRoot } from '../special/bracketed-root.js';
import { hodgesLehmann } from './hodges-lehmann.js';
import { kthDifference } from './kth-difference.js';
import { shiftRoots } from './shift-roots.js';
import { shiftScores } from './shift-scores.js';
import { sortedSample } from './sorted-sample.js';

fc.configureGlobal({ seed: 20_261_123 });

/** Many ties, few, none: whole numbers, quarters, and thousandths that no double holds exactly. */
const sample = fc.oneof(
  fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 25 }),
  fc.array(
    fc.integer({ min: -400, max: 400 }).map((quarters) => quarters / 4),
    { minLength: 1, maxLength: 25 },
  ),
  fc.array(
    fc.integer({ min: -9_000_000, max: 9_000_000 }).map((thousandths) => thousandths / 1000),
    { minLength: 1, maxLength: 25 },
  ),
);

/** The score by its definition: every pair compared, every value's ties counted. */
function scoreByDefinition(x: readonly number[], y: readonly number[], shift: number): number {
  const [m, n] = [x.length, y.length];
  const shifted = x.map((value) => value - shift);
  const u = shifted.flatMap((a) => y.map((b): number => (a > b ? 1 : a === b ? 0.5 : 0))).reduce((sum, win) => sum + win, 0);
  const all = [...shifted, ...y];
  const tieTerm = [...new Set(all)].reduce((sum, value) => {
    const tied = all.filter((other) => other === value).length;
    return sum + tied ** 3 - tied;
  }, 0);
  const excess = u - (m * n) / 2;
  const sigma = Math.sqrt(((m * n) / 12) * (m + n + 1 - tieTerm / ((m + n) * (m + n - 1))));
  return sigma > 0 ? (excess - 0.5 * Math.sign(excess)) / sigma : Number.NaN;
}

const differencesOf = (x: readonly number[], y: readonly number[]): Float64Array =>
  Float64Array.from(x.flatMap((a) => y.map((b) => a - b))).sort();

describe('shiftScores', () => {
  it('give the very digits of the definition, at any shift, with ties and without', () => {
    fc.assert(
      fc.property(sample, sample, fc.integer({ min: -40, max: 40 }), (x, y, eighths) => {
        const scores = shiftScores(x, y, 'sign');
        for (const shift of [eighths / 8, scores.low, scores.high]) expect(scores.at(shift)).toBe(scoreByDefinition(x, y, shift));
      }),
    );
  });

  it('are the same when one sample and the shift move together, and turn with the samples', () => {
    const quarters = fc.integer({ min: -400, max: 400 }).map((value) => value / 4);
    const values = fc.array(quarters, { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(values, values, quarters, quarters, (x, y, shift, move) => {
        const score = shiftScores(x, y, 'sign').at(shift);
        const moved = x.map((value) => value + move);
        expect(shiftScores(moved, y, 'sign').at(shift + move)).toBe(score);
        expect(0 - shiftScores(y, x, 'sign').at(-shift)).toBe(score + 0);
      }),
    );
  });

  it('refuse values that have no distance', () => {
    expect(() => shiftScores([Number.NaN], [1], 'none')).toThrow(RangeError);
    expect(() => shiftScores([1], [Infinity], 'none')).toThrow(RangeError);
    expect(() => shiftScores([1], [], 'none')).toThrow(RangeError);
  });
});

describe('shiftRoots', () => {
  it('are where the score by its definition crosses, to the last digit', () => {
    fc.assert(
      fc.property(sample, sample, fc.constantFrom(1e-4, 1e-12), (x, y, tolerance) => {
        const [low, high] = [Math.min(...x) - Math.max(...y), Math.max(...x) - Math.min(...y)];
        const wanted = [1.96, 0, -1.96].map((z) => {
          const excess = (shift: number): number => scoreByDefinition(x, y, shift) - z;
          if (excess(low) <= 0) return low;
          return excess(high) >= 0 ? high : bracketedRoot(excess, low, high, { relative: 0, absolute: tolerance });
        });
        expect(shiftRoots(x, y, [1.96, 0, -1.96], { continuity: 'sign', tolerance })).toEqual(wanted);
      }),
    );
  });
});

describe('kthDifference', () => {
  const anySample = fc.array(fc.double({ min: -1e300, max: 1e300, noNaN: true }), { minLength: 1, maxLength: 20 });

  it('is the one that sorting all differences finds, for any numbers', () => {
    fc.assert(
      fc.property(fc.oneof(sample, anySample), fc.oneof(sample, anySample), fc.nat(), (x, y, any) => {
        const k = 1 + (any % (x.length * y.length));
        expect(kthDifference(sortedSample(x), sortedSample(y), k)).toBe((differencesOf(x, y)[k - 1] as number) + 0);
      }),
    );
  });

  it('makes the Hodges–Lehmann estimate the median of all differences', () => {
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const all = differencesOf(x, y);
        const middle = ((all[Math.ceil(all.length / 2) - 1] as number) + (all[Math.floor(all.length / 2)] as number)) / 2;
        expect(hodgesLehmann(x, y)).toBeCloseTo(middle, 12);
      }),
    );
    expect(hodgesLehmann([], [1])).toBeNaN();
  });
});
