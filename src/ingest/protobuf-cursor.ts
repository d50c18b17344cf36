import { MalformedOtlpError } from './malformed-otlp-error.js';

/** Wire types of the protobuf encoding. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

const maxGroupDepth = 64;
const noBytes = new Uint8Array(0);
const noView = new DataView(noBytes.buffer);

/**
 * Reads protobuf out of one buffer, without copying and without building anything.
 *
 * Every read is checked against `end`, the end of the message that is being read; whoever enters a nested message sets
 * `end` and puts it back. All that can be wrong with the bytes ends in a {@link MalformedOtlpError}.
 */
export class ProtobufCursor {
  bytes: Uint8Array = noBytes;
  view: DataView = noView;
  position = 0;
  end = 0;

  open(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = 0;
    this.end = bytes.length;
  }

  /** Lets go of the body, so that a reader kept for years does not keep the last one. */
  close(): void {
    this.bytes = noBytes;
    this.view = noView;
    this.position = 0;
    this.end = 0;
  }

  get more(): boolean {
    return this.position < this.end;
  }

  /** Field number and wire type, as they stand. */
  tag(): number {
    const tag = this.narrowVarint();
    if (tag >>> 3 === 0) throw new MalformedOtlpError('a field has the number 0');
    return tag;
  }

  /** The lower 32 bits of a varint. */
  varint(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.longVarint(first);
  }

  /** A varint up to 2⁶⁴ as a number; exact to 2⁵³. */
  varint64(): number {
    let value = 0;
    let factor = 1;
    for (let index = 0; index < 10; index += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new MalformedOtlpError('a varint is longer than 10 bytes');
  }

  /** A varint as the 64 bits it stands for. */
  varintBits(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new MalformedOtlpError('a varint is longer than 10 bytes');
  }

  /** zig-zag */
  signedVarint(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Where the 8 bytes stand; the cursor is behind them. */
  fixed64(): number {
    const at = this.position;
    if (this.end - at < 8) throw truncated();
    this.position = at + 8;
    return at;
  }

  double(): number {
    return this.view.getFloat64(this.fixed64(), true);
  }

  /** Unsigned 64 bits as a number; exact to 2⁵³. */
  unsigned64(): number {
    const at = this.fixed64();
    return this.view.getUint32(at + 4, true) * 2 ** 32 + this.view.getUint32(at, true);
  }

  /** Signed 64 bits as a number; exact to ±2⁵³. */
  signed64(): number {
    const at = this.fixed64();
    return this.view.getInt32(at + 4, true) * 2 ** 32 + this.view.getUint32(at, true);
  }

  /** Reads a length and checks that so many bytes are there. @returns where they end; `position` is where they start */
  span(): number {
    const length = this.narrowVarint();
    const stop = this.position + (length >>> 0);
    if (stop > this.end) throw truncated();
    return stop;
  }

  text(): string {
    const stop = this.span();
    const text = textOf(this.bytes, this.position, stop);
    this.position = stop;
    return text;
  }

  /** The rest of the present message, which is text. */
  restAsText(): string {
    const text = textOf(this.bytes, this.position, this.end);
    this.position = this.end;
    return text;
  }

  /** Reads a nested message with `read`, which must not leave its bounds. */
  message(read: () => void): void {
    const stop = this.span();
    this.within(stop, read);
  }

  /** Reads from here to `stop` as a message of its own. */
  within(stop: number, read: () => void): void {
    const { end } = this;
    this.end = stop;
    read();
    this.end = end;
    this.position = stop;
  }

  /** Steps over a field that nobody asked for. */
  skip(tag: number, depth = 0): void {
    switch (tag & 7) {
      case wire.varint:
        this.skipVarint();
        return;
      case wire.fixed64:
        this.fixed64();
        return;
      case wire.bytes:
        this.position = this.span();
        return;
      case wire.startGroup:
        this.skipGroup(tag >>> 3, depth + 1);
        return;
      case wire.fixed32:
        if (this.end - this.position < 4) throw truncated();
        this.position += 4;
        return;
      default:
        throw new MalformedOtlpError(`wire type ${tag & 7} does not exist or stands in the wrong place`);
    }
  }

  private skipGroup(field: number, depth: number): void {
    if (depth > maxGroupDepth) throw new MalformedOtlpError('groups are nested too deeply');
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) !== wire.endGroup) this.skip(tag, depth);
      else if (tag >>> 3 === field) return;
      else throw new MalformedOtlpError('a group ends that did not begin');
    }
  }

  private byte(): number {
    if (this.position >= this.end) throw truncated();
    return this.bytes[this.position++] as number;
  }

  private skipVarint(): void {
    for (let index = 0; index < 10; index += 1) if (this.byte() < 0x80) return;
    throw new MalformedOtlpError('a varint is longer than 10 bytes');
  }

  /** A tag or a length: what has more than 32 bits is neither, and its lower half would be another one. */
  private narrowVarint(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.longNarrowVarint(first);
  }

  private longNarrowVarint(first: number): number {
    let value = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedOtlpError('a tag or a length has more than 32 bits');
  }

  private longVarint(first: number): number {
    let value = first & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedOtlpError('a varint is longer than 10 bytes');
  }
}

const decoder = new TextDecoder();

/** UTF-8; what is not, becomes U+FFFD. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return from === to ? '' : decoder.decode(bytes.subarray(from, to));
}

const truncated = (): MalformedOtlpError => new MalformedOtlpError('the message ends in the middle of a field');
