import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CohortResolver } from './cohort-resolver.js';
import { Dictionary } from './dictionary.js';
import { MalformedOtlpError } from './malformed-otlp-error.js';
import { ObservationBatch } from './observation-batch.js';
import { TraceProtobufReader } from './trace-protobuf.js';

const plan = { attributes: ['http.route', 'kind', 'name', 'service.name', 'status'], values: ['size'] };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A number as protobuf writes it, in `spare` bytes more than it needs. */
function varint(value: number, spare = 0): number[] {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest % 128);
    if (rest < 128) break;
  }
  bytes.push(...new Array<number>(spare).fill(0));
  return bytes.map((byte, index) => (index < bytes.length - 1 ? byte | 0x80 : byte));
}

const bytesField = (tag: number, content: Iterable<number>, spare = 0): number[] => {
  const bytes = [...content];
  return [...varint(tag), ...varint(bytes.length, spare), ...bytes];
};

const fixed64 = (tag: number, nanoseconds: bigint): number[] => [tag, ...new Uint8Array(BigUint64Array.from([nanoseconds]).buffer)];

interface Shape {
  /** bytes that lengths take beyond those they need */
  readonly spare: number;
  readonly valueFirst: boolean;
}

function attribute(key: string, value: string, { spare, valueFirst }: Shape): number[] {
  const [named, valued] = [bytesField(0x0a, text(key), spare), bytesField(0x12, bytesField(0x0a, text(value), 0), spare)];
  return bytesField(0x4a, valueFirst ? [...valued, ...named] : [...named, ...valued], spare);
}

/** The fields of one span, in the order in which encoders write them. */
function fieldsOf(shape: Shape, route: string): number[][] {
  const { spare } = shape;
  return [
    bytesField(0x0a, new Uint8Array(16).fill(7), spare),
    bytesField(0x12, new Uint8Array(8).fill(5), spare),
    bytesField(0x1a, text('vendor=x'), spare),
    bytesField(0x22, new Uint8Array(8).fill(6), spare),
    bytesField(0x2a, text('GET /'), spare),
    [0x30, ...varint(3, spare)],
    fixed64(0x39, 1_700_000_000_000_000_000n),
    fixed64(0x41, 1_700_000_000_250_000_000n),
    attribute('user_agent.original', 'x'.repeat(150), shape),
    attribute('http.route', route, shape),
    attribute('url.scheme', 'https', shape),
    attribute('size', '17', shape),
    bytesField(0x7a, [...bytesField(0x12, text('no')), 0x18, ...varint(2, spare)], spare),
    [0x85, 0x01, 1, 1, 0, 0],
  ];
}

function bodyOf(fields: readonly number[][]): Uint8Array {
  const resource = bytesField(
    0x0a,
    bytesField(0x0a, [...bytesField(0x0a, text('service.name')), ...bytesField(0x12, bytesField(0x0a, text('shop')))]),
  );
  return Uint8Array.from(bytesField(0x0a, [...resource, ...bytesField(0x12, bytesField(0x12, fields.flat()))]));
}

function newReader(): { reader: TraceProtobufReader; batch: ObservationBatch } {
  const batch = new ObservationBatch(new CohortResolver(plan), new Dictionary(), 100);
  return { reader: new TraceProtobufReader(batch), batch };
}

/** What is found of the only span. */
function foundIn(body: Uint8Array): object {
  const { reader, batch } = newReader();
  reader.read(body);
  const traceAt = batch.traceAt[0] as number;
  return {
    count: batch.spanCount,
    labels: [...batch.labels.slice(0, batch.labelCount)].map((id) => batch.dictionary.texts[id]),
    values: [...batch.values.slice(0, 1)],
    durationNs: batch.durationNs[0],
    endMs: batch.endMs[0],
    failed: batch.failed[0],
    traceId:
      traceAt < 0
        ? ''
        : Buffer.from(body)
            .subarray(traceAt, traceAt + 16)
            .toString('hex'),
    fingerprint: batch.fingerprint,
  };
}

const usual: Shape = { spare: 0, valueFirst: false };
const expected = (route: string): object => ({
  count: 1,
  labels: [route, 'client', 'GET /', 'shop', 'error'],
  values: [17],
  durationNs: 250_000_000,
  endMs: 1_700_000_000_250,
  failed: 1,
  traceId: '07'.repeat(16),
  fingerprint: expect.any(BigInt),
});

describe('TraceProtobufReader', () => {
  it('finds the same in the order and the lengths that encoders usually write, and in any other', () => {
    const shape = fc.record({ spare: fc.nat({ max: 3 }), valueFirst: fc.boolean() });
    const fields = fc
      .tuple(shape, fc.constantFrom('/', '/orders/{id}', '/a/rather/long/route/{with}/parts', `/${'y'.repeat(140)}`))
      .chain(([each, route]) => {
        const all = fieldsOf(each, route);
        return fc.tuple(fc.constant(route), fc.shuffledSubarray(all, { minLength: all.length }));
      });
    const one = foundIn(bodyOf(fieldsOf(usual, '/'))) as { fingerprint: bigint };
    fc.assert(
      fc.property(fields, ([route, shuffled]) => {
        expect(foundIn(bodyOf(shuffled))).toEqual({ ...expected(route), fingerprint: one.fingerprint });
      }),
    );
  });

  it('refuses a span that is cut off anywhere but between its fields', () => {
    const { reader, batch } = newReader();
    for (const shape of [usual, { spare: 1, valueFirst: true }]) {
      const fields = fieldsOf(shape, '/orders/{id}');
      const whole = fields.flat();
      const ends = new Set(fields.map((_, index) => fields.slice(0, index).flat().length));
      for (let length = 1; length < whole.length; length += 1) {
        batch.clear();
        const read = (): void => reader.read(bodyOf([whole.slice(0, length)]));
        if (ends.has(length)) read();
        else expect(read).toThrow(MalformedOtlpError);
        expect(batch.spanCount).toBeLessThanOrEqual(1);
      }
    }
  });

  it.each([
    ['an attribute that is longer than its span', [0x4a, 0x0a, 0x0a, 0x01, 0x61]],
    ['a key that is longer than its attribute', [0x4a, 0x04, 0x0a, 0x0a, 0x61, 0x61, 0x61, 0x61]],
    ['a wanted key whose value is longer than its attribute', [0x4a, 0x09, 0x0a, 0x04, ...text('size'), 0x12, 0x7f, 0x0a, 0x00]],
    ['an attribute of a length that has no end', [0x4a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a kind that has no end', [0x30, 0xff]],
    ['a field of the number 0', [0x02, 0x00]],
    ['a time of seven bytes', [0x39, 1, 2, 3, 4, 5, 6, 7]],
    ['flags of three bytes', [0x85, 0x01, 1, 2, 3]],
  ])('refuses %s', (_, field) => {
    const { reader } = newReader();
    expect(() => reader.read(bodyOf([field]))).toThrow(MalformedOtlpError);
  });

  it.each([
    ['a trace id of 15 bytes', [0x0a, 15]],
    ['a span id of 9 bytes', [0x12, 9]],
  ])('takes %s for none', (_, [tag = 0, length = 0]) => {
    const fields = fieldsOf(usual, '/').filter((field) => field[0] !== tag);
    const found = foundIn(bodyOf([bytesField(tag, new Uint8Array(length).fill(7)), ...fields]));
    expect(found).toMatchObject(tag === 0x0a ? { count: 1, traceId: '' } : { count: 1, fingerprint: null });
  });

  it('takes the last of many attributes of one name', () => {
    const many = Array.from({ length: 40 }, (_, index) => attribute('http.route', `/${index}`, usual));
    expect(foundIn(bodyOf([...fieldsOf(usual, '/first'), ...many]))).toMatchObject({ labels: ['/39', 'client', 'GET /', 'shop', 'error'] });
  });

  it('keeps the error of a status that comes again and says nothing, as protobuf has it', () => {
    const fields = fieldsOf(usual, '/');
    const [again, flags] = [bytesField(0x7a, []), fields.at(-1) ?? []];
    expect(foundIn(bodyOf([...fields.slice(0, -1), again, flags]))).toMatchObject({ labels: ['/', 'client', 'GET /', 'shop', 'error'] });
    expect(foundIn(bodyOf([...fields, again]))).toMatchObject({ labels: ['/', 'client', 'GET /', 'shop', 'error'] });
  });

  it('lets go of a body that it refused', () => {
    const { reader, batch } = newReader();
    expect(() => reader.read(bodyOf([[0x30, 0xff]]))).toThrow(MalformedOtlpError);
    batch.clear();
    expect(batch.traceIds.byteLength).toBe(0);
  });
});
