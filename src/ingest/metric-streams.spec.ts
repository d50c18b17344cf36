import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ExponentialHistogram, type Histogram, histogramCount, mergeHistograms } from '../statistics/index.js';
import { MetricStreams } from './metric-streams.js';
import type { PointObservation, PointValue } from './observation-batch.js';

const second = 1e9;
const rule = { startedFromMs: 0, maxAgeMs: 3_600_000 };

function point(
  timeS: number,
  value: PointValue,
  { startS = 1, stream = 's', temporality = 'cumulative' as PointObservation['temporality'] } = {},
): PointObservation {
  return { stream, instrument: 'i', temporality, startNs: startS * second, timeNs: timeS * second, atMs: timeS * 1000, labels: [], value };
}

const sum = (value: number): PointValue => ({ kind: 'sum', value });
const explicit = (...counts: number[]): PointValue => ({
  kind: 'histogram',
  histogram: { kind: 'explicit', bounds: [1, 2], counts },
  sum: counts.length,
});

function totalOf(points: readonly PointObservation[], streams = new MetricStreams(rule, 100)): number {
  return points.reduce((total, each) => {
    const increase = streams.increaseOf(each, 0);
    return total + (increase !== null && increase !== 'full' && increase.kind === 'sum' ? increase.value : 0);
  }, 0);
}

describe('MetricStreams', () => {
  it('counts a cumulative sum from its start', () => {
    expect(totalOf([point(10, sum(4)), point(20, sum(9)), point(30, sum(9))])).toBe(9);
  });

  it('only compares with the first value of a stream that began before the recorder did', () => {
    const streams = new MetricStreams({ startedFromMs: 5_000, maxAgeMs: 3_600_000 }, 100);
    expect(totalOf([point(10, sum(400)), point(20, sum(409))], streams)).toBe(9);
  });

  it('only compares with the first value of a stream that began too long ago', () => {
    expect(totalOf([point(4_000, sum(400)), point(4_010, sum(409))])).toBe(9);
  });

  it('only compares with the first value where the true start is not known', () => {
    expect(totalOf([point(10, sum(5), { startS: 10 }), point(20, sum(7), { startS: 10 })])).toBe(2);
    expect(totalOf([point(10, sum(5), { startS: 0 }), point(20, sum(7), { startS: 0 })])).toBe(2);
  });

  it('counts a process that started again from its new start', () => {
    expect(totalOf([point(10, sum(4)), point(20, sum(9)), point(30, sum(3), { startS: 25 }), point(40, sum(5), { startS: 25 })])).toBe(14);
  });

  it('counts a value that fell as a new beginning', () => {
    expect(totalOf([point(10, sum(4)), point(20, sum(9)), point(30, sum(2)), point(40, sum(3))])).toBe(12);
  });

  it('counts duplicates and points out of order once', () => {
    const points = [point(10, sum(4)), point(20, sum(9)), point(30, sum(12))];
    const shuffled = fc.shuffledSubarray([...points, ...points, ...points], { minLength: 9, maxLength: 9 });
    fc.assert(fc.property(shuffled, (sent) => expect(totalOf([...points.slice(0, 1), ...sent])).toBe(12)));
  });

  it('keeps two processes apart that give the same attributes', () => {
    const both = [1, 2, 3].flatMap((step) => [point(step * 10, sum(step * 5)), point(step * 10 + 1, sum(step * 2), { startS: 2 })]);
    expect(totalOf(both)).toBe(15 + 6);
  });

  /** Every 10 s a point of each of so many processes that tell themselves apart by nothing but their start. */
  const sharing = (senders: number, steps: number, firstStartS: number): PointObservation[] =>
    Array.from({ length: steps }, (_, step) =>
      Array.from({ length: senders }, (__, sender) =>
        point(1_000 + step * 10 + sender / 1_000, sum((step + 1) * 10), { startS: firstStartS + sender / 1_000 }),
      ),
    ).flat();

  it('counts ten processes that give the same attributes once each', () => {
    expect(totalOf(sharing(10, 12, 990))).toBe(1_200);
  });

  it('says that it does not follow more processes of one stream than it may, and counts none of them twice', () => {
    const streams = new MetricStreams(rule, 1_000);
    const said = sharing(80, 12, 990).map((each) => streams.increaseOf(each, 0));
    expect(said.filter((increase) => increase === 'full')).toHaveLength(16 * 12);
    expect(totalOf(sharing(80, 12, 990), new MetricStreams(rule, 1_000))).toBe(64 * 120);
  });

  it('follows a process that starts again and again, and counts none of its lives again', () => {
    const lives = Array.from({ length: 200 }, (_, life) => point(11 + life * 10, sum(3), { startS: 10 + life * 10 }));
    const streams = new MetricStreams(rule, 1_000);
    expect(totalOf(lives, streams)).toBe(600);
    expect(streams.increaseOf(point(9_000, sum(4), { startS: 20 }), 0)).toBe('full');
  });

  it('takes a second living process for no restart', () => {
    const late = new MetricStreams({ startedFromMs: 1_000_000, maxAgeMs: 3_600_000 }, 100);
    const points = sharing(2, 12, 100).map((each) => ({ ...each, value: sum(each.timeNs / second + 40_000) }));
    expect(totalOf(points, late)).toBeCloseTo(2 * 110);
    const old = new MetricStreams({ startedFromMs: 0, maxAgeMs: 60_000 }, 100);
    expect(totalOf(points, old)).toBeCloseTo(2 * 110);
  });

  it('counts a restart from its new start however long it ran before its first point', () => {
    const streams = new MetricStreams({ startedFromMs: 0, maxAgeMs: 60_000 }, 100);
    expect(totalOf([point(10, sum(4)), point(400, sum(3), { startS: 15 })], streams)).toBe(7);
  });

  it('never counts in full what began before the recorder did, though another life ended before it', () => {
    const streams = new MetricStreams({ startedFromMs: 50_000, maxAgeMs: 3_600_000 }, 100);
    expect(totalOf([point(10, sum(4)), point(60, sum(300), { startS: 20 })], streams)).toBe(0);
  });

  it('does not count a stream again that it forgot', () => {
    const streams = new MetricStreams({ startedFromMs: 0, maxAgeMs: 86_400_000 }, 100);
    expect(totalOf([point(10, sum(4))], streams)).toBe(4);
    streams.forget(1);
    expect(totalOf([point(5_000, sum(6)), point(5_010, sum(7))], streams)).toBe(1);
  });

  it('gives sequences the room of streams, so that few streams with many do not take the memory of all', () => {
    const streams = new MetricStreams(rule, 20);
    expect(
      sharing(15, 1, 990)
        .map((each) => streams.increaseOf(each, 0))
        .filter((increase) => increase === 'full'),
    ).toHaveLength(5);
  });

  it('counts each point of a delta stream once', () => {
    const deltas = [1, 2, 3].map((step) => point(step * 10, sum(step), { temporality: 'delta' }));
    expect(totalOf([...deltas, ...deltas])).toBe(6);
  });

  it('leaves room for the streams of other services, however many one of them has', () => {
    const streams = new MetricStreams(rule, 100);
    const followedOf = (service: string, many: number): number =>
      Array.from({ length: many }, (_, index) =>
        streams.increaseOf(point(10, sum(1), { stream: `${service} ${index}` }), 0, service),
      ).filter((increase) => increase !== 'full').length;
    expect(followedOf('flood', 1_000)).toBe(50);
    expect(followedOf('shop', 20)).toBe(20);
    expect(followedOf('flood', 1_000)).toBe(50);
    expect(followedOf('other flood', 1_000)).toBe(15);
    expect(followedOf('cart', 5)).toBe(5);
    streams.forget(1);
    expect(followedOf('shop', 50)).toBe(50);
  });

  it('follows no more streams than it may', () => {
    const streams = new MetricStreams(rule, 1);
    expect(streams.increaseOf(point(10, sum(1)), 0)).toEqual(sum(1));
    expect(streams.increaseOf(point(10, sum(1), { stream: 'other' }), 0)).toBe('full');
    streams.forget(1);
    expect(streams.increaseOf(point(20, sum(1), { stream: 'other', startS: 15 }), 5)).toEqual(sum(1));
  });

  it('takes bucket differences of explicit histograms, and all of one that fell', () => {
    const streams = new MetricStreams(rule, 100);
    expect(streams.increaseOf(point(10, explicit(1, 2, 3)), 0)).toMatchObject({ histogram: { counts: [1, 2, 3] } });
    expect(streams.increaseOf(point(20, explicit(1, 4, 3)), 0)).toMatchObject({ histogram: { counts: [0, 2, 0] } });
    expect(streams.increaseOf(point(30, explicit(0, 1, 0)), 0)).toMatchObject({ histogram: { counts: [0, 1, 0] } });
  });

  it('only compares again after the bounds of a histogram changed', () => {
    const streams = new MetricStreams(rule, 100);
    streams.increaseOf(point(10, explicit(1, 2, 3)), 0);
    const other: PointValue = { kind: 'histogram', histogram: { kind: 'explicit', bounds: [5], counts: [7, 0] }, sum: 1 };
    expect(streams.increaseOf(point(20, other), 0)).toBeNull();
  });

  it('gives exponential increases that add up to the last value, though the scale fell on the way', () => {
    const grow = fc.array(
      fc.record({
        offset: fc.integer({ min: -20, max: 20 }),
        counts: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 6 }),
        coarser: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(grow, (steps) => {
        const streams = new MetricStreams(rule, 100);
        let scale = 6;
        let seen: Histogram = { kind: 'exponential', scale, zeroCount: 0, offset: 0, counts: [] };
        let counted = 0;
        steps.forEach(({ offset, counts, coarser }, index) => {
          scale -= coarser ? 1 : 0;
          const more: ExponentialHistogram = { kind: 'exponential', scale, zeroCount: 1, offset, counts };
          seen = mergeHistograms(seen, more);
          const increase = streams.increaseOf(point(10 + index, { kind: 'histogram', histogram: seen, sum: 0 }), 0);
          if (increase !== null && increase !== 'full' && increase.kind === 'histogram') counted += histogramCount(increase.histogram);
        });
        expect(counted).toBe(histogramCount(seen));
      }),
    );
  });
});
