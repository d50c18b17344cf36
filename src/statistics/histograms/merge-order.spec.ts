import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exponentialIndex } from './exponential-index.js';
import type { ExplicitHistogram, ExponentialHistogram, Histogram } from './histogram.js';
import { HistogramSum } from './histogram-sum.js';
import { mergeHistograms } from './merge-histograms.js';

fc.configureGlobal({ seed: 20_261_123 });

/** What one sender saw: it chooses its own resolution. */
interface Part<Form> {
  readonly values: readonly number[];
  readonly form: Form;
}

function exponentialOf(values: readonly number[], scale: number): ExponentialHistogram {
  const indexes = values.filter((value) => value > 0).map((value) => exponentialIndex(value, scale));
  const offset = indexes.length > 0 ? Math.min(...indexes) : 0;
  const counts = new Array<number>(indexes.length > 0 ? Math.max(...indexes) - offset + 1 : 0).fill(0);
  for (const index of indexes) counts[index - offset] = (counts[index - offset] as number) + 1;
  return { kind: 'exponential', scale, zeroCount: values.length - indexes.length, offset, counts };
}

function explicitOf(values: readonly number[], bounds: readonly number[]): ExplicitHistogram {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    const at = bounds.findIndex((bound) => value <= bound);
    const bucket = at === -1 ? bounds.length : at;
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  return { kind: 'explicit', bounds, counts };
}

/** From microseconds to hours in one recording, zeros among them: together too wide for a fine scale. */
const value = fc.oneof(fc.double({ min: 1e-6, max: 1e4, noNaN: true }), fc.double({ min: 0.05, max: 0.2, noNaN: true }), fc.constant(0));
const values = fc.array(value, { maxLength: 12 });
const partsOf = <Form>(form: fc.Arbitrary<Form>): fc.Arbitrary<Part<Form>[]> =>
  fc.array(fc.record({ values, form }), { minLength: 1, maxLength: 7 });
const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 8 }).map((list) => list.sort((a, b) => a - b));

/** Merges neighbours, in places that `choices` say, until one is left: any tree of merges. */
function inAnyGrouping(parts: readonly Histogram[], choices: readonly number[]): Histogram {
  const left = [...parts];
  for (let step = 0; left.length > 1; step++) {
    const at = (choices[step % choices.length] as number) % (left.length - 1);
    left.splice(at, 2, mergeHistograms(left[at] as Histogram, left[at + 1] as Histogram));
  }
  return left[0] as Histogram;
}

const oneByOne = (parts: readonly Histogram[]): Histogram | null => {
  const sum = new HistogramSum();
  for (const part of parts) sum.add(part);
  return sum.soFar();
};

const shuffled = <Form>(form: fc.Arbitrary<Form>): fc.Arbitrary<[Part<Form>[], Part<Form>[], number[]]> =>
  partsOf(form).chain((parts) =>
    fc.tuple(
      fc.constant(parts),
      fc.shuffledSubarray(parts, { minLength: parts.length }),
      fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 6 }),
    ),
  );

describe('histograms of many senders', () => {
  it('merge to that of all values together, in any order and grouping, whatever their scales', () => {
    fc.assert(
      fc.property(shuffled(fc.integer({ min: -4, max: 12 })), ([parts, mixed, choices]) => {
        const merged = inAnyGrouping(
          mixed.map((part) => exponentialOf(part.values, part.form)),
          choices,
        ) as ExponentialHistogram;
        const all = parts.flatMap((part) => part.values);
        expect(merged).toEqual(exponentialOf(all, merged.scale));
        expect(oneByOne(parts.map((part) => exponentialOf(part.values, part.form)))).toEqual(merged);
      }),
    );
  });

  it('merge to that of all values together, in any order and grouping, in the bounds that all have', () => {
    fc.assert(
      fc.property(shuffled(bounds), ([parts, mixed, choices]) => {
        const common = (parts[0]?.form ?? []).filter((bound) => parts.every(({ form }) => form.includes(bound)));
        const wanted = explicitOf(
          parts.flatMap((part) => part.values),
          common,
        );
        expect(
          inAnyGrouping(
            mixed.map((part) => explicitOf(part.values, part.form)),
            choices,
          ),
        ).toEqual(wanted);
        expect(oneByOne(parts.map((part) => explicitOf(part.values, part.form)))).toEqual(wanted);
      }),
    );
  });
});
