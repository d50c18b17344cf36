import { decompress } from './decompress.js';

/** One record of a partition. */
export interface LogRecord {
  readonly offset: number;
  readonly hasKey: boolean;
  /** null: the producer wrote none */
  readonly value: Buffer | null;
}

/** Records that came together, or why they cannot be read. */
export interface RecordBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly records: readonly LogRecord[];
  /** null: all is well */
  readonly problem: string | null;
}

const headerBytes = 61;
/** where the length is counted from */
const lengthFrom = 12;
const currentFormat = 2;
const [codecBits, controlBit] = [7, 32];

/**
 * Reads what a broker sent of one partition, batch by batch: one that is damaged, or a bomb, costs no other one.
 * The last batch may be cut short; it comes again.
 *
 * @param most  bytes that one batch may have after decompression
 */
export function* readRecordSet(bytes: Buffer, most: number): Generator<RecordBatch> {
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const end = at + lengthFrom + bytes.readInt32BE(at + 8);
    if (end > bytes.length || end < at + headerBytes) return;
    yield readBatch(bytes.subarray(at, end), most);
    at = end;
  }
}

function readBatch(bytes: Buffer, most: number): RecordBatch {
  const firstOffset = Number(bytes.readBigInt64BE(0));
  const lastOffset = firstOffset + Math.max(0, bytes.readInt32BE(23));
  try {
    return { firstOffset, lastOffset, records: readRecords(bytes, firstOffset, most), problem: null };
  } catch (error) {
    return { firstOffset, lastOffset, records: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

function readRecords(bytes: Buffer, firstOffset: number, most: number): LogRecord[] {
  if (bytes[16] !== currentFormat) throw new Error(`the format ${bytes[16]} of the batch is not known`);
  const attributes = bytes.readInt16BE(21);
  if ((attributes & controlBit) !== 0) return [];
  const cursor = new RecordCursor(decompress(attributes & codecBits, bytes.subarray(headerBytes), most));
  const records: LogRecord[] = [];
  for (let left = bytes.readInt32BE(57); left > 0; left -= 1) records.push(cursor.next(firstOffset));
  return records;
}

class RecordCursor {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  next(firstOffset: number): LogRecord {
    const length = this.varint();
    const end = this.at + length;
    if (!(length > 0 && end <= this.bytes.length)) throw new Error('a record ends outside of its batch');
    this.at += 1; // attributes: none are in use
    this.varint(); // when, relative to the batch
    const offset = firstOffset + this.varint();
    const key = this.slice(end);
    const value = this.slice(end);
    this.at = end;
    return { offset, hasKey: key !== null && key.length > 0, value };
  }

  private slice(end: number): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const from = this.at;
    if (from + length > end) throw new Error('a field ends outside of its record');
    this.at += length;
    return this.bytes.subarray(from, this.at);
  }

  /** Zigzag, up to 64 bits, of which 53 count. */
  private varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Error('a number ends outside of its batch');
      value += (byte & 127) * scale;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new Error('a number is too long');
  }
}
