import { describe, expect, it } from '@jest/globals';
import { encodeOtlp } from '../../test/support/otlp-proto.js';
import { metricsOf, nanoseconds } from '../../test/support/otlp-samples.js';
import type { Cell } from '../domain/index.js';
import { WindowRecorder } from './window-recorder.js';

const t0 = 1_700_000_010_000; // a multiple of 15 s
const plan = { windowMs: 15_000, latenessMs: 5_000, attributes: ['service.name'], values: [] };
const shop = { 'service.name': 'shop' };
const [delta, cumulative] = [1, 2];

/** Two points of one stream that began when the window did, one in each half of it. */
const twoPoints = (...values: readonly [object, object]): object[] =>
  values.map((value, index) => ({
    ...value,
    startTimeUnixNano: nanoseconds(t0),
    timeUnixNano: nanoseconds(t0 + 5_000 * (index + 1)),
  }));
const counted = (count: number, sum: number): object => ({
  count: String(count),
  sum,
  bucketCounts: [String(count), '0'],
  explicitBounds: [10],
});
const scaled = (count: number, sum: number, scale: number): object => ({
  count: String(count),
  sum,
  scale,
  positive: { offset: 0, bucketCounts: [String(count)] },
});

interface Row {
  readonly type: string;
  readonly data: object;
  /** signal, instrument, count and sum of each cell */
  readonly kept: readonly (readonly [Cell['signal'], string, number, number])[];
  readonly refused?: readonly (readonly [string, number])[];
  readonly notice?: string;
}

/** How each type of metric of OTLP is read. */
const table: readonly Row[] = [
  {
    type: 'a monotonic sum of deltas: its increases are added up',
    data: { sum: { isMonotonic: true, aggregationTemporality: delta, dataPoints: twoPoints({ asInt: '3' }, { asDouble: 4.5 }) } },
    kept: [['sum', 'm', 8, 7.5]],
  },
  {
    type: 'a monotonic cumulative sum: what it rose by',
    data: { sum: { isMonotonic: true, aggregationTemporality: cumulative, dataPoints: twoPoints({ asInt: '3' }, { asInt: '7' }) } },
    kept: [['sum', 'm', 7, 7]],
  },
  {
    type: 'a monotonic cumulative sum that began again: all of its new value',
    data: { sum: { isMonotonic: true, aggregationTemporality: cumulative, dataPoints: twoPoints({ asInt: '7' }, { asInt: '3' }) } },
    kept: [['sum', 'm', 10, 10]],
  },
  {
    type: 'a cumulative sum that may fall: a level',
    data: { sum: { aggregationTemporality: cumulative, dataPoints: twoPoints({ asInt: '7' }, { asInt: '3' }) } },
    kept: [['gauge', 'm', 2, 10]],
  },
  {
    type: 'deltas of a sum that may fall: refused, they have no level',
    data: { sum: { aggregationTemporality: delta, dataPoints: twoPoints({ asInt: '7' }, { asInt: '-3' }) } },
    kept: [],
    refused: [['unsupported kind of metric', 2]],
  },
  {
    type: 'a sum without temporality: refused',
    data: { sum: { isMonotonic: true, dataPoints: twoPoints({ asInt: '7' }, { asInt: '3' }) } },
    kept: [],
    refused: [['unsupported kind of metric', 2]],
  },
  {
    type: 'a gauge: its samples',
    data: { gauge: { dataPoints: twoPoints({ asDouble: -1.5 }, { asInt: '2' }) } },
    kept: [['gauge', 'm', 2, 0.5]],
  },
  {
    type: 'a histogram of deltas: both are merged',
    data: { histogram: { aggregationTemporality: delta, dataPoints: twoPoints(counted(3, 6), counted(4, 12)) } },
    kept: [['histogram', 'm', 7, 18]],
  },
  {
    type: 'a cumulative histogram: what it rose by',
    data: { histogram: { aggregationTemporality: cumulative, dataPoints: twoPoints(counted(3, 6), counted(4, 12)) } },
    kept: [['histogram', 'm', 4, 12]],
  },
  {
    type: 'an exponential histogram of deltas: both are merged at the coarser scale',
    data: { exponentialHistogram: { aggregationTemporality: delta, dataPoints: twoPoints(scaled(3, 3, 2), scaled(4, 4, 0)) } },
    kept: [['histogram', 'm', 7, 7]],
  },
  {
    type: 'a cumulative exponential histogram: what it rose by',
    data: { exponentialHistogram: { aggregationTemporality: cumulative, dataPoints: twoPoints(scaled(3, 3, 2), scaled(5, 6, 2)) } },
    kept: [['histogram', 'm', 5, 6]],
  },
  {
    type: 'a summary: two counters, and nothing of its quantiles',
    data: {
      summary: {
        dataPoints: twoPoints(
          { count: '3', sum: 1.5, quantileValues: [{ quantile: 0.5, value: 0.4 }] },
          { count: '5', sum: 2.5, quantileValues: [{ quantile: 0.5, value: 0.6 }] },
        ),
      },
    },
    kept: [
      ['sum', 'm_count', 5, 5],
      ['sum', 'm_sum', 3, 2.5],
    ],
    notice: 'the quantiles of 2 summaries cannot be merged and are not kept',
  },
  {
    type: 'a summary of values below zero: its count, as the sum is no counter',
    data: { summary: { dataPoints: twoPoints({ count: '3', sum: -1.5 }, { count: '5', sum: -2.5 }) } },
    kept: [['sum', 'm_count', 5, 5]],
    notice: 'the quantiles of 2 summaries cannot be merged and are not kept',
  },
];

describe('each type of metric is read', () => {
  it.each(table)('$type', ({ data, kept, refused = [], notice = '' }) => {
    const request = metricsOf(shop, 'm', data);
    for (const encoding of ['protobuf', 'json'] as const) {
      const recorder = new WindowRecorder(plan);
      const body = encoding === 'json' ? new TextEncoder().encode(JSON.stringify(request)) : encodeOtlp('Metrics', request);
      const receipt = recorder.record('metrics', encoding, body);
      expect([[...receipt.refused], receipt.notice]).toEqual([refused, notice]);
      const cells = recorder.closeAll().flatMap((window) => window.cells);
      expect(cells.map(({ signal, instrument, count, sum }) => [signal, instrument, count, sum])).toEqual(kept);
    }
  });
});
