import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeOtlp, encodeOtlp } from '../../test/support/otlp-proto.js';
import { metricsOf, tracesOf } from '../../test/support/otlp-samples.js';
import { textOfPlain } from './any-value.js';
import { CohortResolver } from './cohort-resolver.js';
import { Dictionary } from './dictionary.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { ObservationBatch } from './observation-batch.js';
import { OtlpReader } from './otlp-reader.js';

const plan = {
  attributes: ['http.route', 'k8s.pod.name', 'kind', 'name', 'service.name', 'service.version', 'status'],
  values: ['http.response.body.size'],
};

function reader(): { reader: OtlpReader; batch: ObservationBatch } {
  const batch = new ObservationBatch(new CohortResolver(plan), new Dictionary(), 50_000);
  return { reader: new OtlpReader(batch), batch };
}

interface SeenSpan {
  readonly labels: readonly string[];
  readonly values: readonly number[];
  readonly endMs: number;
  readonly durationNs: number;
}

function spansOf(batch: ObservationBatch): SeenSpan[] {
  const { labelCount, valueCount, dictionary } = batch;
  return Array.from({ length: batch.spanCount }, (_, index) => ({
    labels: [...batch.labels.slice(index * labelCount, (index + 1) * labelCount)].map((id) => dictionary.texts[id] as string),
    values: [...batch.values.slice(index * valueCount, (index + 1) * valueCount)],
    endMs: batch.endMs[index] as number,
    durationNs: batch.durationNs[index] as number,
  }));
}

const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const anyValue = fc.oneof(
  fc.record({ stringValue: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('checkout', 'v1', '')) }),
  fc.record({ boolValue: fc.boolean() }),
  fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
  fc.record({ doubleValue: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0) }),
  fc.record({ arrayValue: fc.record({ values: fc.array(fc.record({ stringValue: fc.string() }), { minLength: 1, maxLength: 3 }) }) }),
  fc.record({
    kvlistValue: fc.record({
      values: fc.array(fc.record({ key: fc.string({ minLength: 1 }), value: fc.record({ stringValue: fc.string({ minLength: 1 }) }) }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  }),
);
const attributes = fc.uniqueArray(
  fc.record({ key: fc.oneof(fc.constantFrom(...plan.attributes, ...plan.values), fc.string()), value: anyValue }),
  { selector: ({ key }) => key, maxLength: 8 },
);
const instant = fc.bigInt({ min: 1n, max: 2n ** 62n });
const span = fc
  .record({
    traceId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id).toString('hex')),
    spanId: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((id) => Buffer.from(id).toString('hex')),
    name: fc.string(),
    kind: fc.integer({ min: 0, max: 5 }),
    attributes,
    status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: fc.string() }),
    start: instant,
    lasts: fc.bigInt({ min: 0n, max: 10n ** 15n }),
  })
  .map(({ start, lasts, ...rest }) => ({ ...rest, startTimeUnixNano: String(start), endTimeUnixNano: String(start + lasts) }));
const traces = fc.record({
  resourceSpans: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeSpans: fc.array(fc.record({ scope: fc.record({ name: fc.string() }), spans: fc.array(span, { maxLength: 4 }) }), {
        maxLength: 3,
      }),
    }),
    { maxLength: 3 },
  ),
});

describe('OtlpReader', () => {
  it('finds the same in both encodings, whatever the attributes are', () => {
    const [binary, textual] = [reader(), reader()];
    fc.assert(
      fc.property(traces, (request) => {
        binary.reader.read('traces', 'protobuf', encodeOtlp('Traces', request));
        textual.reader.read('traces', 'json', json(request));
        expect(spansOf(binary.batch)).toEqual(spansOf(textual.batch));
        expect(binary.batch.refused).toEqual(textual.batch.refused);
      }),
      { numRuns: 100 },
    );
  });

  it('finds what another decoder finds: every span, its own attributes before those of its resource', () => {
    const ours = reader();
    fc.assert(
      fc.property(traces, (request) => {
        const bytes = encodeOtlp('Traces', request);
        ours.reader.read('traces', 'protobuf', bytes);
        expect(spansOf(ours.batch)).toEqual(expectedSpans(decodeOtlp('Traces', bytes)));
      }),
      { numRuns: 100 },
    );
  });

  it('reads or refuses 2 000 damaged requests and never fails otherwise', () => {
    const { reader: ours, batch } = reader();
    const whole = fc.sample(traces, { numRuns: 60, seed: 7 }).map((request) => encodeOtlp('Traces', request));
    const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...whole), damage, fc.nat(), (request, changes, cut) => {
        const bytes = Uint8Array.from(request);
        if (bytes.length === 0) return;
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        const damaged = cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes;
        const read = readOrRefuse(() => ours.read('traces', 'protobuf', damaged));
        const theirs = readOrNothing(() => decodeOtlp('Traces', damaged));
        if (read && theirs) expect(batch.spanCount + refusedOf(batch)).toBe(spanCountOf(theirs));
        if (!read) expect(batch.size).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads or refuses random bytes of every signal', () => {
    const { reader: ours } = reader();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom('traces', 'metrics', 'logs'),
        fc.constantFrom('json', 'protobuf'),
        (bytes, signal, encoding) => {
          readOrRefuse(() => ours.read(signal as 'traces', encoding as 'json', bytes));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('reads the resource of a message that sends it after its spans', () => {
    const [whole, tail] = [reader(), encodeOtlp('Traces', tracesOf({ 'service.name': 'shop' }, []))];
    const spans = encodeOtlp('Traces', tracesOf({}, [{ endMs: 1_000 }]));
    const inner = Buffer.concat([spans.subarray(2), tail.subarray(2)]);
    whole.reader.read('traces', 'protobuf', Buffer.concat([Buffer.from([0x0a, inner.length]), inner]));
    expect(spansOf(whole.batch)[0]?.labels[4]).toBe('shop');
  });

  it.each([
    ['a length beyond the end', [0x0a, 0x05, 0x01]],
    ['a varint that does not end', [0x08, ...new Array(11).fill(0xff)]],
    ['a field number 0', [0x00, 0x00]],
    ['a tag of 35 bits, of which the lower 32 would be a field', [0xfa, 0xff, 0xff, 0xff, 0x1f, 0x00]],
    ['a length of 33 bits, of which the lower 32 would be none', [0x0a, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ['a length in more bytes than it can have', [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ['a wire type that does not exist', [0x0f]],
    ['a group that ends without beginning', [0x0c]],
  ])('refuses %s', (_, bytes) => {
    expect(() => reader().reader.read('traces', 'protobuf', Uint8Array.from(bytes))).toThrow(MalformedOtlpError);
  });

  it('steps over fields and groups it does not know', () => {
    const { reader: ours, batch } = reader();
    const known = encodeOtlp('Traces', tracesOf({}, [{ endMs: 5_000 }]));
    ours.read('traces', 'protobuf', Uint8Array.from([0x7b, 0x08, 0x01, 0x7c, 0xf8, 0x01, 0x01, ...known]));
    expect(batch.spanCount).toBe(1);
  });

  it('refuses JSON that would take a hundred times its size, before building any of it', () => {
    const swollen = `{"resourceSpans":[${'{},'.repeat(1_600_000)}{}]}`;
    expect(() => reader().reader.read('traces', 'json', new TextEncoder().encode(swollen))).toThrow('more than 1500000 objects and lists');
  });

  it('refuses JSON that is nested too deeply before building any of it', () => {
    const deep = `{"resourceSpans":${'['.repeat(100_000)}`;
    expect(() => reader().reader.read('traces', 'json', new TextEncoder().encode(deep))).toThrow('nested deeper than 64');
  });

  it('does not count brackets inside of text as depth', () => {
    const { reader: ours, batch } = reader();
    ours.read('traces', 'json', json(tracesOf({ a: `\\"${'[{'.repeat(200)}` }, [{ endMs: 1_000 }])));
    expect(batch.spanCount).toBe(1);
  });

  it.each([
    ['enumerations by name', tracesOf({}, [{ endMs: 9_000, kind: 'SPAN_KIND_CLIENT', status: 'STATUS_CODE_ERROR' }])],
    ['enumerations by number', tracesOf({}, [{ endMs: 9_000, kind: 3, status: 2 }])],
  ])('reads %s', (_, request) => {
    const { reader: ours, batch } = reader();
    ours.read('traces', 'json', json(request));
    expect(spansOf(batch)[0]?.labels.filter((label) => label !== '')).toEqual(['client', 'GET', 'error']);
  });

  it.each([
    ['text', '"abc"'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number of spans', '{"resourceSpans": 3}'],
    ['spans that are numbers', '{"resourceSpans":[{"scopeSpans":[{"spans":[1]}]}]}'],
    ['a kind nobody knows', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_NONE"}]}]}]}'],
    ['a time that is no number', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"endTimeUnixNano":"soon"}]}]}]}'],
    ['nothing', ''],
  ])('refuses JSON that is %s', (_, body) => {
    expect(() => reader().reader.read('traces', 'json', new TextEncoder().encode(body))).toThrow(MalformedOtlpError);
  });

  it('counts nothing of a request that is malformed at its end', () => {
    const { reader: ours, batch } = reader();
    const bytes = encodeOtlp('Traces', tracesOf({}, [{ endMs: 1_000 }, { endMs: 2_000 }]));
    expect(() => ours.read('traces', 'protobuf', Buffer.concat([bytes, Buffer.from([0x0a, 0x7f])]))).toThrow(MalformedOtlpError);
    expect(batch.size).toBe(0);
  });

  it('refuses spans that end before they begin, or do not say when they began', () => {
    const { reader: ours, batch } = reader();
    ours.read(
      'traces',
      'json',
      json(tracesOf({}, [{ endMs: 5_000, durationMs: -1 }, { endMs: 5_000, durationMs: 5_000 }, { endMs: 5_000 }])),
    );
    expect([batch.spanCount, batch.refused.get('bad value')]).toEqual([1, 2]);
  });

  it('tells the same metric points in both encodings', () => {
    const [binary, textual] = [reader(), reader()];
    for (const request of metricSamples) {
      binary.reader.read('metrics', 'protobuf', encodeOtlp('Metrics', request));
      textual.reader.read('metrics', 'json', json(request));
      expect(binary.batch.points).toEqual(textual.batch.points);
      expect(binary.batch.refused).toEqual(textual.batch.refused);
      expect(binary.batch.points.length + refusedOf(binary.batch)).toBe('summary' in metricIn(request) ? 2 : 1);
    }
  });

  it('reads or refuses 1 000 damaged metrics requests and never fails otherwise', () => {
    const { reader: ours } = reader();
    const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...metricSamples), damage, (request, changes) => {
        const bytes = encodeOtlp('Metrics', request);
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        readOrRefuse(() => ours.read('metrics', 'protobuf', bytes));
      }),
      { numRuns: 1_000 },
    );
  });
});

const metricIn = (request: object): object =>
  (request as { resourceMetrics: [{ scopeMetrics: [{ metrics: [object] }] }] }).resourceMetrics[0].scopeMetrics[0].metrics[0];

const times = { startTimeUnixNano: '1700000000000000000', timeUnixNano: '1700000010000000000' };
const shop = { 'service.name': 'shop', 'service.version': 2 };
const metricSamples: readonly object[] = [
  metricsOf(shop, 'requests', {
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [{ ...times, asInt: '12', attributes: [{ key: 'http.route', value: { stringValue: '/a' } }] }],
    },
  }),
  metricsOf(shop, 'seconds', { sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...times, asDouble: 1.5 }] } }),
  metricsOf(shop, 'connections', { sum: { aggregationTemporality: 2, dataPoints: [{ ...times, asInt: '-3' }] } }),
  metricsOf(shop, 'changes', { sum: { aggregationTemporality: 1, dataPoints: [{ ...times, asInt: '-3' }] } }),
  metricsOf(shop, 'negative', { sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...times, asInt: '-3' }] } }),
  metricsOf(shop, 'heap', { gauge: { dataPoints: [{ ...times, asDouble: 0.25 }] } }),
  metricsOf(shop, 'nothing', { gauge: { dataPoints: [{ ...times }] } }),
  metricsOf(shop, 'latency', {
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [{ ...times, count: '6', sum: 4.5, bucketCounts: ['1', '2', '3'], explicitBounds: [0.1, 1] }],
    },
  }),
  metricsOf(shop, 'contradictory', {
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [{ ...times, count: '7', sum: 4.5, bucketCounts: ['1', '2', '3'], explicitBounds: [0.1, 1] }],
    },
  }),
  metricsOf(shop, 'without-sum', {
    histogram: { aggregationTemporality: 1, dataPoints: [{ ...times, count: '6', bucketCounts: ['6'], explicitBounds: [] }] },
  }),
  metricsOf(shop, 'exponential', {
    exponentialHistogram: {
      aggregationTemporality: 1,
      dataPoints: [{ ...times, count: '6', sum: 9, scale: -2, zeroCount: '1', positive: { offset: -3, bucketCounts: ['2', '0', '3'] } }],
    },
  }),
  metricsOf(shop, 'negative-buckets', {
    exponentialHistogram: {
      aggregationTemporality: 1,
      dataPoints: [{ ...times, count: '1', scale: 1, negative: { offset: 0, bucketCounts: ['1'] } }],
    },
  }),
  metricsOf(shop, 'too-fine', { exponentialHistogram: { aggregationTemporality: 1, dataPoints: [{ ...times, count: '0', scale: 21 }] } }),
  metricsOf(shop, 'quantiles', { summary: { dataPoints: [{ ...times, count: '3' }] } }),
];

function readOrRefuse(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof MalformedOtlpError) return false;
    throw error;
  }
}

function readOrNothing<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}

const refusedOf = ({ refused }: ObservationBatch): number => [...refused.values()].reduce((sum, count) => sum + count, 0);

interface DecodedSpan {
  readonly name?: string;
  readonly kind?: number;
  readonly status?: { readonly code?: number };
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly DecodedAttribute[];
}
interface DecodedAttribute {
  readonly key?: string;
  readonly value?: Record<string, unknown>;
}
interface DecodedTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly DecodedAttribute[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly DecodedSpan[] }[];
  }[];
}

const spanCountOf = (traces: DecodedTraces): number =>
  (traces.resourceSpans ?? []).reduce(
    (sum, { scopeSpans = [] }) => sum + scopeSpans.reduce((all, { spans = [] }) => all + spans.length, 0),
    0,
  );

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses = ['unset', 'ok', 'error'];

/** What the reader should find, said in the obvious way. */
function expectedSpans(traces: DecodedTraces): SeenSpan[] {
  return (traces.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) => spans.map((each) => expectedSpan(each, resource?.attributes ?? []))),
  );
}

function expectedSpan(each: DecodedSpan, ofResource: readonly DecodedAttribute[]): SeenSpan {
  const found = new Map([...ofResource, ...(each.attributes ?? [])].map(({ key = '', value = {} }) => [key, plainOf(value)]));
  const fields = new Map([
    ['name', (each.name ?? '').slice(0, 1024)],
    ['kind', kinds[each.kind ?? 0] as string],
    ['status', statuses[each.status?.code ?? 0] as string],
  ]);
  const [start, end] = [BigInt(each.startTimeUnixNano ?? 0), BigInt(each.endTimeUnixNano ?? 0)];
  return {
    labels: plan.attributes.map((name) => fields.get(name) ?? textOfPlain((found.get(name) ?? null) as string)),
    values: plan.values.map((name) => numberOf(found.get(name))),
    endMs: Number(end / 1_000_000n),
    durationNs: Number(end - start),
  };
}

function plainOf(value: Record<string, unknown>): unknown {
  const [kind, content] = Object.entries(value)[0] ?? ['', null];
  if (kind === 'intValue') return Number.isSafeInteger(Number(content)) ? Number(content) : content;
  if (kind === 'arrayValue') return ((content as { values?: Record<string, unknown>[] }).values ?? []).map(plainOf);
  if (kind !== 'kvlistValue') return content;
  const entries = (content as { values?: DecodedAttribute[] }).values ?? [];
  return Object.fromEntries(entries.map(({ key = '', value: inner = {} }) => [key, plainOf(inner)]));
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}
