import { describe, expect, it } from '@jest/globals';
import { momentsOf } from './histogram-moments.js';

describe('the moments of a histogram', () => {
  it('take the exact sum for the mean', () => {
    const histogram = { kind: 'explicit', bounds: [1, 2], counts: [10, 10, 0] } as const;
    expect(momentsOf(histogram, 18)).toMatchObject({ kind: 'moments', count: 20, mean: 0.9 });
  });

  it('spread values evenly within buckets', () => {
    const moments = momentsOf({ kind: 'explicit', bounds: [12], counts: [1000, 0] }, null);
    expect(moments).toMatchObject({ mean: 6 });
    expect((moments as { variance: number }).variance).toBeCloseTo((12 * 1000) / 999, 10);
  });

  it('read exponential buckets, zeros included', () => {
    expect(momentsOf({ kind: 'exponential', scale: 0, zeroCount: 2, offset: 1, counts: [2] }, null)).toMatchObject({ count: 4, mean: 1.5 });
  });

  it('of nothing are zeros, not NaN', () => {
    expect(momentsOf({ kind: 'explicit', bounds: [1], counts: [0, 0] }, 0)).toEqual({ kind: 'moments', count: 0, mean: 0, variance: 0 });
  });
});
