import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BucketSums } from './bucket-sums.js';

describe('BucketSums', () => {
  it('adds runs of buckets up, wherever they lie and however large they grow', () => {
    const count = fc.oneof(fc.nat(3), fc.nat(70_000), fc.nat(2 ** 33));
    const run = fc.record({ offset: fc.integer({ min: -60, max: 60 }), counts: fc.array(count, { maxLength: 30 }), zeros: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 12 }), (runs) => {
        const sums = new BucketSums();
        const expected = new Map<number, number>();
        for (const { offset, counts, zeros } of runs) {
          sums.add(Math.max(0, ...counts), zeros, offset, [7, ...counts], 1, counts.length);
          for (const [index, more] of counts.entries()) expected.set(offset + index, (expected.get(offset + index) ?? 0) + more);
        }
        const { zeroCount, offset, counts } = sums.toHistogram();
        expect(zeroCount).toBe(runs.reduce((sum, { zeros }) => sum + zeros, 0));
        const touched = [...expected.keys()];
        expect(counts.length).toBe(touched.length === 0 ? 0 : Math.max(...touched) - Math.min(...touched) + 1);
        for (const [index, sum] of counts.entries()) expect(sum).toBe(expected.get(offset + index) ?? 0);
      }),
    );
  });
});
