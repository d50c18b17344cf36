import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readNativeHistogram } from './native-histogram.js';
import { emptyNative, nativeIncrease } from './native-increase.js';

const bound = (index: number, scale: number): number => 2 ** (index * 2 ** -scale);

describe('the JSON form of a native histogram', () => {
  it('gives back every bucket at every resolution of Prometheus', () => {
    const cases = fc.record({
      scale: fc.integer({ min: -4, max: 8 }),
      places: fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 1 }),
    });
    fc.assert(
      fc.property(cases, ({ scale, places }) => {
        const buckets = places.map((place) => [0, String(bound(place, scale)), String(bound(place + 1, scale)), '2']);
        const read = readNativeHistogram({ count: String(2 * places.length), sum: '1', buckets });
        expect(read).toMatchObject({ scale, zeroCount: 0, buckets: new Map(places.map((place) => [place, 2])) });
      }),
    );
  });

  it('puts the zero bucket and negative values together', () => {
    const read = readNativeHistogram({
      count: '6',
      sum: '-1',
      buckets: [
        [1, '-2', '-1', '1'],
        [3, '-0.001', '0.001', '2'],
        [0, '1', '2', '3'],
      ],
    });
    expect(read).toMatchObject({ zeroCount: 3, scale: 0, buckets: new Map([[0, 3]]) });
  });

  it.each([
    ['custom bounds', { count: '1', sum: '1', buckets: [[0, '0.1', '0.25', '1']] }],
    ['bounds between the powers', { count: '1', sum: '1', buckets: [[0, '3', '6', '1']] }],
    [
      'two resolutions',
      {
        count: '2',
        sum: '1',
        buckets: [
          [0, '1', '2', '1'],
          [0, '4', '16', '1'],
        ],
      },
    ],
    ['a negative count', { count: '1', sum: '1', buckets: [[0, '1', '2', '-1']] }],
    ['no count', {}],
    ['a NaN count', { count: 'NaN', sum: '1' }],
    ['an unbounded bucket', { count: '1', sum: '1', buckets: [[0, '1', '+Inf', '1']] }],
  ])('is refused with %s', (_, raw) => {
    expect(readNativeHistogram(raw)).toBeNull();
  });
});

describe('what a native histogram observed between two edges', () => {
  it('is everything after a restart, also one that only a bucket shows', () => {
    const before = { ...emptyNative, count: 5, scale: 2, buckets: new Map([[3, 5]]) };
    const after = {
      ...emptyNative,
      count: 6,
      scale: 2,
      buckets: new Map([
        [3, 2],
        [4, 4],
      ]),
    };
    expect(nativeIncrease(before, after).histogram).toEqual({ kind: 'exponential', scale: 2, zeroCount: 0, offset: 3, counts: [2, 4] });
  });

  it('is never larger than memory, however far apart the bounds', () => {
    const after = {
      ...emptyNative,
      count: 2,
      scale: 8,
      buckets: new Map([
        [-250_000, 1],
        [250_000, 1],
      ]),
    };
    const { histogram } = nativeIncrease(emptyNative, after);
    expect(histogram.counts.length).toBeLessThanOrEqual(4096);
    expect(histogram.counts.reduce((sum, n) => sum + n, 0)).toBe(2);
  });
});
