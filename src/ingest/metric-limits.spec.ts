import { describe, expect, it } from '@jest/globals';
import { ByteMemo } from './byte-memo.js';
import { CohortResolver } from './cohort-resolver.js';
import { Dictionary } from './dictionary.js';
import { MetricPoints } from './metric-points.js';
import { MetricProtobufReader } from './metric-protobuf.js';
import { ObservationBatch } from './observation-batch.js';
import { type Encoding, OtlpReader, type Signal } from './otlp-reader.js';
import type { RawPoint } from './raw-point.js';

const plan = { attributes: ['service.name'], values: [] };
const most = 1_000;

const lengthOf = (bytes: number): number[] => (bytes < 128 ? [bytes] : [(bytes % 128) | 128, ...lengthOf(Math.floor(bytes / 128))]);
const message = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body]);
};
const empties = (tag: number, many: number): Buffer => Buffer.alloc(many * 2, Buffer.from([tag, 0]));
const metricWith = (data: Uint8Array): Buffer => message(0x0a, message(0x12, message(0x12, data)));
const newBatch = (): ObservationBatch => new ObservationBatch(new CohortResolver(plan), new Dictionary(), most);

function refusedOf(signal: Signal, encoding: Encoding, body: Uint8Array): object {
  const { refused, size } = new OtlpReader(newBatch()).read(signal, encoding, body);
  return { size, ...Object.fromEntries(refused) };
}

/** What reaches the checks, and how many resources, scopes and metrics are begun. */
class CountedPoints extends MetricPoints {
  points = 0;
  begun = 0;
  longest = 0;

  override add(point: RawPoint): void {
    this.points += 1;
    this.longest = Math.max(this.longest, point.bucketCounts.length, point.bounds.length);
    super.add(point);
  }

  override startPart(): void {
    this.begun += 1;
    super.startPart();
  }
}

function workOf(body: Uint8Array): CountedPoints {
  const points = new CountedPoints(newBatch());
  new MetricProtobufReader(points).read(body);
  return points;
}

describe('a small request that unpacks to very much', () => {
  const many = 100_000;

  it('has no more of its points than are allowed built, and the others counted', () => {
    const body = metricWith(message(0x2a, empties(0x0a, many)));
    expect(workOf(body).points).toBe(most);
    expect(refusedOf('metrics', 'protobuf', body)).toEqual({ size: 0, 'bad value': most, 'too many in one request': many - most });
  });

  it.each([
    ['resources', empties(0x0a, many)],
    ['scopes', message(0x0a, empties(0x12, many))],
    ['metrics', message(0x0a, message(0x12, empties(0x12, many)))],
    ['data of one metric', metricWith(empties(0x2a, many))],
  ])('has no more of its %s looked at than four for each point that is allowed, and says so', (_, body) => {
    expect(workOf(body).begun).toBe(4 * most);
    expect(refusedOf('metrics', 'protobuf', body)).toEqual({ size: 0, 'too many in one request': 1 });
  });

  it('counts the points of what it steps over', () => {
    const metric = message(0x12, message(0x2a, empties(0x0a, 10)));
    const body = message(0x0a, message(0x12, empties(0x12, 4 * most), metric, metric), message(0x12, metric));
    expect(refusedOf('metrics', 'protobuf', body)).toEqual({ size: 0, 'too many in one request': 30 });
  });

  it('is no excuse to refuse anything of a request that is just full', () => {
    const sum = message(0x3a, empties(0x0a, most), Buffer.from([0x10, 2, 0x18, 1]));
    expect(refusedOf('metrics', 'protobuf', metricWith(sum))).toEqual({ size: 0, 'bad value': most });
  });

  it.each([
    ['an exponential histogram', message(0x52, message(0x0a, message(0x42, message(0x12, Buffer.alloc(many, 1)))), Buffer.from([0x10, 2]))],
    ['a histogram', message(0x4a, message(0x0a, message(0x32, Buffer.alloc(many * 8))), Buffer.from([0x10, 2]))],
  ])('has no more buckets of %s collected than show that there are too many', (_, data) => {
    expect(workOf(metricWith(data)).longest).toBe(201);
    expect(refusedOf('metrics', 'protobuf', metricWith(data))).toEqual({ size: 0, 'too many buckets': 1 });
  });

  it('does not have attributes without end decoded', () => {
    const body = metricWith(message(0x2a, message(0x0a, empties(0x3a, many))));
    expect(refusedOf('metrics', 'protobuf', body)).toEqual({ size: 0, 'bad value': 1 });
  });

  it.each<[string, Signal, string, string, number]>([
    ['resources with spans', 'traces', '{"resourceSpans":[', ']}', 1],
    ['scopes with spans', 'traces', '{"resourceSpans":[{"scopeSpans":[', ']}]}', 1],
    ['resources with metrics', 'metrics', '{"resourceMetrics":[', ']}', 1],
    ['metrics', 'metrics', '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[', ']}]}]}', 1],
  ])('may have no more %s in JSON either', (_, signal, head, tail, refused) => {
    const body = Buffer.from(`${head}${'{},'.repeat(5 * most)}{}${tail}`);
    expect(refusedOf(signal, 'json', body)).toEqual({ size: 0, 'too many in one request': refused });
  });

  it('has the spans and points beyond those allowed counted in JSON', () => {
    const list = `${'{},'.repeat(2 * most - 1)}{}`;
    const spans = `{"resourceSpans":[{"scopeSpans":[{"spans":[${list}]}]}]}`;
    const points = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[${list}]}}]}]}]}`;
    const half = { size: 0, 'bad value': most, 'too many in one request': most };
    expect(refusedOf('traces', 'json', Buffer.from(spans))).toEqual(half);
    expect(refusedOf('metrics', 'json', Buffer.from(points))).toEqual(half);
  });
});

describe('ByteMemo', () => {
  const view = (text: string): DataView => new DataView(new TextEncoder().encode(text).buffer);

  it('finds what was made of the same bytes, and never more than it may keep', () => {
    const memo = new ByteMemo<string>({ entries: 100, bytes: 1 << 16 });
    for (let index = 0; index < 1_000; index += 1) {
      const bytes = view(`value ${index}`);
      expect(memo.find(bytes, 0, bytes.byteLength)).toBeUndefined();
      memo.keep(bytes, 0, bytes.byteLength, `made ${index}`);
      expect(memo.find(bytes, 0, bytes.byteLength)).toBe(`made ${index}`);
      expect(memo.size).toBeLessThanOrEqual(100);
    }
  });
});
