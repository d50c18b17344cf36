import { describe, expect, it } from '@jest/globals';
import { classicIncrease, classicTracks, emptyClassic } from './classic-histogram.js';
import type { TableSeries } from './series-table.js';

const infinite = Number.POSITIVE_INFINITY;
const at = (bounds: number[], cumulative: number[], sum: number | null = null) => ({ bounds, cumulative, sum });

describe('what a classic histogram observed between two edges', () => {
  const before = at([0.1, 1, infinite], [5, 8, 9], 4);

  it('is the difference of every bucket', () => {
    const { histogram, sum, mended } = classicIncrease(before, at([0.1, 1, infinite], [6, 11, 12], 7));
    expect(histogram).toEqual({ kind: 'explicit', bounds: [0.1, 1], counts: [1, 2, 0] });
    expect([sum, mended]).toEqual([3, 0]);
  });

  it('is all there is after a restart, also in buckets that did not fall', () => {
    const { histogram, sum } = classicIncrease(before, at([0.1, 1, infinite], [6, 7, 7], 2));
    expect(histogram).toEqual({ kind: 'explicit', bounds: [0.1, 1], counts: [6, 1, 0] });
    expect(sum).toBe(2);
  });

  it('takes a bucket that an engine left out to be equal to the one below', () => {
    const { histogram } = classicIncrease(at([0.1, infinite], [5, 9]), at([0.1, 0.5, infinite], [5, 7, 11]));
    expect(histogram).toEqual({ kind: 'explicit', bounds: [0.1, 0.5], counts: [0, 2, 0] });
  });

  it('mends buckets that fall from one bound to the next, and says so', () => {
    const { histogram, mended } = classicIncrease(emptyClassic, at([0.1, 1, infinite], [5, 4, 6.5]));
    expect(histogram).toEqual({ kind: 'explicit', bounds: [0.1, 1], counts: [5, 0, 1] });
    expect(mended).toBe(2);
  });

  it('knows of nothing above the last bound where there is no +Inf bucket', () => {
    expect(classicIncrease(emptyClassic, at([0.1], [5])).histogram).toEqual({ kind: 'explicit', bounds: [0.1], counts: [5, 0] });
  });
});

describe('le series', () => {
  const series = (labels: Record<string, string>, values: (number | null)[]): TableSeries => ({ labels, values });

  it('that differ in nothing else are one histogram, whatever their order and spelling', () => {
    const tracks = classicTracks(
      [
        series({ __name__: 'x_bucket', le: '+Inf', route: '/' }, [null, 3]),
        series({ __name__: 'x_bucket', le: '1e-1', route: '/' }, [null, 1]),
        series({ __name__: 'x_bucket', le: '+Inf', route: '/b', pod: 'q' }, [null, 7]),
      ],
      [series({ __name__: 'x_sum', route: '/' }, [null, 0.9])],
      null,
    );
    expect(tracks.map(({ pod, points }) => [pod, points])).toEqual([
      ['', [null, at([0.1, infinite], [1, 3], 0.9)]],
      ['q', [null, at([infinite], [7])]],
    ]);
  });

  it('of one bound in two spellings are one bucket', () => {
    const tracks = classicTracks(
      [series({ le: '1' }, [null, 3]), series({ le: '1.0' }, [null, 5]), series({ le: '+Inf' }, [null, 6])],
      [],
      null,
    );
    expect(tracks[0]?.points).toEqual([null, at([1, infinite], [5, 6])]);
  });

  it.each([
    ['a value', '1', Number.NaN],
    ['a bound', 'fast', 4],
  ])('with %s that is not a number are never counted', (_, le, value) => {
    const [track] = classicTracks([series({ le }, [null, value]), series({ le: '+Inf' }, [null, 9])], [], null);
    expect(track?.points).toEqual([null, null]);
    expect(track?.poisoned).toEqual(new Set([1]));
  });
});
