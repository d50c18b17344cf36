import { describe, expect, it } from '@jest/globals';
import { encodeOtlp } from '../../test/support/otlp-proto.js';
import { metricsOf, nanoseconds } from '../../test/support/otlp-samples.js';
import { type Encoding } from './otlp-reader.js';
import { anyTime, PartRecorder } from './part-recorder.js';
import { RecentRequests } from './recent-requests.js';

const t0 = 1_700_000_010_000;
const plan = { windowMs: 15_000, latenessMs: 5_000, attributes: ['service.name'], values: [] };
const [delta, cumulative] = [1, 2];

const pointsOf = (count: number, numberOf: (index: number) => number): object[] =>
  Array.from({ length: count }, (_, index) => ({
    asDouble: numberOf(index),
    startTimeUnixNano: nanoseconds(t0 + index * 10),
    timeUnixNano: nanoseconds(t0 + index * 10 + 10),
  }));

const deltas = (count: number, numberOf = (index: number): number => index): object =>
  metricsOf({ 'service.name': 'shop' }, 'm', {
    sum: { isMonotonic: true, aggregationTemporality: delta, dataPoints: pointsOf(count, numberOf) },
  });

const bytesOf = (encoding: Encoding, json: object): Uint8Array =>
  encoding === 'json' ? new TextEncoder().encode(JSON.stringify(json)) : encodeOtlp('Metrics', json);

/** Points that two receiving threads hand over, which share their memory of requests; the requests come to them in turn. */
function handedOver(encoding: Encoding, requests: readonly object[]): { points: number; accepted: number } {
  const memory = new SharedArrayBuffer(RecentRequests.bytes);
  const threads = [0, 1].map(() => new PartRecorder(plan, { maxSeries: 100, maxObservations: 1_000 }, [], new RecentRequests(memory)));
  let accepted = 0;
  for (const [index, request] of requests.entries()) {
    const thread = threads[index % 2] as PartRecorder;
    accepted += thread.record(thread.read('metrics', encoding, bytesOf(encoding, request)), anyTime).accepted;
  }
  return { points: threads.reduce((sum, thread) => sum + thread.take(0).points.length, 0), accepted };
}

describe.each(['protobuf', 'json'] as const)('a request of metrics in %s', (encoding) => {
  it.each([1, 16, 20, 500])('that is sent again counts its %i points once, by whichever thread it comes, and is accepted', (count) => {
    const request = deltas(count);
    expect(handedOver(encoding, [request, request, request])).toEqual({ points: count, accepted: 3 * count });
  });

  it('is another one where a value, a time, an attribute, a bucket or the number of points differs', () => {
    const histogram = (...bucketCounts: readonly string[]): object =>
      metricsOf({ 'service.name': 'shop' }, 'h', {
        histogram: {
          aggregationTemporality: cumulative,
          dataPoints: [{ count: '3', sum: 1, explicitBounds: [1], bucketCounts, timeUnixNano: nanoseconds(t0) }],
        },
      });
    const level = (name: string, value: number): object =>
      metricsOf({ 'service.name': name }, 'g', { gauge: { dataPoints: [{ asDouble: value, timeUnixNano: nanoseconds(t0) }] } });
    const requests = [deltas(20), deltas(20, (index) => index + 1), deltas(19), histogram('1', '2'), histogram('2', '1')];
    requests.push(level('shop', 1), level('cart', 1), level('shop', 2));
    expect(handedOver(encoding, requests)).toEqual({ points: 64, accepted: 64 });
  });
});
