import { describe, expect, it } from '@jest/globals';
import { type CompressionAlgorithmValue, createRecordsBatch, type MessageRecord } from '@platformatic/kafka';
import * as fc from 'fast-check';
import { readRecordSet } from './record-set.js';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** A batch as a client that is not ours writes it, moved to an offset as a broker does. */
function batchOf(values: readonly Uint8Array[], compression: CompressionAlgorithmValue = 'none', firstOffset = 0, key?: string): Buffer {
  const messages = values.map((value) => ({
    topic: 't',
    key: key === undefined ? undefined : Buffer.from(key),
    value: Buffer.from(value),
    headers: new Map([[Buffer.from('a'), Buffer.from('b')]]),
  }));
  const bytes = Buffer.from(createRecordsBatch(messages as unknown as MessageRecord[], { compression }).buffer);
  bytes.writeBigInt64BE(BigInt(firstOffset), 0);
  return bytes;
}

const most = 2 ** 20;
const read = (bytes: Buffer, limit = most) => [...readRecordSet(bytes, limit)];

describe('a record set', () => {
  it.each(codecs)('is read as it was written, packed with %s', (codec) => {
    const values = [Buffer.from('one'), Buffer.alloc(3_000, 'two'), Buffer.alloc(0)];
    const batches = read(Buffer.concat([batchOf(values, codec, 41), batchOf([Buffer.from('x')], codec, 60, 'trace')]));
    expect(batches.map(({ firstOffset, lastOffset, problem }) => [firstOffset, lastOffset, problem])).toEqual([
      [41, 43, null],
      [60, 60, null],
    ]);
    expect(batches[0]?.records.map(({ offset, value }) => [offset, value?.toString()])).toEqual(
      values.map((value, index) => [41 + index, value.toString()]),
    );
    expect(batches.map(({ records }) => records[0]?.hasKey)).toEqual([false, true]);
  });

  it('leaves a batch that was cut short for the next time', () => {
    const bytes = Buffer.concat([batchOf([Buffer.from('one')]), batchOf([Buffer.from('two')], 'none', 1)]);
    expect(read(bytes.subarray(0, bytes.length - 1))).toHaveLength(1);
    expect(read(bytes.subarray(0, 20))).toEqual([]);
  });

  it.each(codecs.slice(1))('refuses a batch that %s would blow up, and reads the next one', (codec) => {
    const bomb = batchOf([Buffer.alloc(4 * most)], codec, 5);
    expect(bomb.length).toBeLessThan(most / 2);
    const [first, second] = read(Buffer.concat([bomb, batchOf([Buffer.from('fine')], codec, 6)]));
    expect(first).toMatchObject({ firstOffset: 5, lastOffset: 5, records: [] });
    expect(first?.problem).not.toBeNull();
    expect(second?.records.map(({ value }) => value?.toString())).toEqual(['fine']);
  });

  it('steps over what transactions write between records', () => {
    const control = batchOf([Buffer.from('commit')], 'none', 7);
    control.writeInt16BE(32, 21);
    expect(read(control)).toMatchObject([{ lastOffset: 7, records: [], problem: null }]);
  });

  it('never fails as a whole, whatever bytes came', () => {
    const good = codecs.map((codec) => batchOf([Buffer.alloc(200, 'a'), Buffer.alloc(50, 'b')], codec, 3));
    const damaged = fc.tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }));
    fc.assert(
      fc.property(damaged, ([bytes, changes]) => {
        const broken = Buffer.from(bytes);
        for (const [at, value] of changes) broken[at % broken.length] = value;
        for (const { records, lastOffset, firstOffset } of read(broken)) {
          expect(lastOffset).toBeGreaterThanOrEqual(firstOffset);
          expect(records.length).toBeLessThan(10_000);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
