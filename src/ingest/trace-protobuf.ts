import { anyValueNumber, textOfPlain } from './any-value.js';
import { hashOf } from './byte-hash.js';
import type { WantedAttribute } from './cohort-resolver.js';
import type { ObservationBatch } from './observation-batch.js';
import { ProtobufCursor, textOf } from './protobuf-cursor.js';

/** Field number and wire type of what a span consists of, as they stand before the field. */
const traceId = 0x0a;
const spanId = 0x12;
const name = 0x2a;
const kind = 0x30;
const startTime = 0x39;
const endTime = 0x41;
const attribute = 0x4a;
const status = 0x7a;
const flags = 0x85; // and 0x01: a tag of two bytes

/**
 * Reads ExportTraceServiceRequest. Texts are looked up by their bytes; an attribute nobody asked for is stepped over by
 * the length of its key. Nothing is allocated per span, except for a value that was never seen before.
 *
 * Spans are the hot path of ingest: what encoders usually write (lengths of one or two bytes, ids of the right length) is
 * read in place, with the position in a local variable; whatever is rare, odd or wrong goes to `field`, which reads
 * anything, by the cursor. Both check every length against the end of the message.
 */
export class TraceProtobufReader {
  private readonly cursor = new ProtobufCursor();
  /** the body, as the cursor has it */
  private bytes: Uint8Array = this.cursor.bytes;
  private view: DataView = this.cursor.view;

  /** of the span that is being read; −1: the field is not there */
  private kind = 0;
  private status = 0;
  private spanIdAt = -1;
  private startAt = -1;
  private endAt = -1;
  private nameFrom = 0;
  private nameTo = 0;

  constructor(private readonly batch: ObservationBatch) {}

  /** @throws {MalformedOtlpError} */
  read(bytes: Uint8Array): void {
    const { cursor, batch } = this;
    cursor.open(bytes);
    this.bytes = cursor.bytes;
    this.view = cursor.view;
    batch.traceIds = cursor.view;
    try {
      while (cursor.more) {
        const tag = cursor.tag();
        if (tag === 0x0a) cursor.message(this.resourceSpans);
        else cursor.skip(tag);
      }
    } finally {
      this.close();
    }
  }

  private close(): void {
    this.cursor.close();
    this.bytes = this.cursor.bytes;
    this.view = this.cursor.view;
  }

  /** The resource is read first, wherever it stands. */
  private readonly resourceSpans = (): void => {
    const { cursor, batch } = this;
    const from = cursor.position;
    batch.startResource();
    this.eachMessage(0x0a, this.resource);
    cursor.position = from;
    this.eachMessage(0x12, this.scopeSpans);
  };

  private readonly resource = (): void => {
    const { cursor, batch } = this;
    batch.identify(hashOf(cursor.view, cursor.position, cursor.end));
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag !== 0x0a) cursor.skip(tag);
      else {
        const stop = cursor.span();
        this.attribute(cursor.position, stop, true);
        cursor.position = stop;
      }
    }
  };

  private readonly scopeSpans = (): void => {
    const { cursor } = this;
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag !== 0x12) cursor.skip(tag);
      else {
        const stop = cursor.span();
        this.span(cursor.position, stop);
        cursor.position = stop;
      }
    }
  };

  private eachMessage(wanted: number, read: () => void): void {
    const { cursor } = this;
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag === wanted) cursor.message(read);
      else cursor.skip(tag);
    }
  }

  private span(from: number, stop: number): void {
    const { batch, bytes } = this;
    if (!batch.startSpan()) return;
    this.kind = 0;
    this.status = 0;
    this.spanIdAt = -1;
    this.startAt = -1;
    this.endAt = -1;
    this.nameFrom = 0;
    this.nameTo = 0;
    for (let at = from; at < stop; ) at = bytes[at] === attribute ? this.attributes(at, stop) : this.fields(at, stop);
    this.endSpan();
  }

  private endSpan(): void {
    const { batch, bytes, view, spanIdAt, startAt, endAt } = this;
    if (spanIdAt < 0) batch.withoutIdentity();
    else {
      batch.identify(view.getInt32(spanIdAt, true));
      batch.identify(view.getInt32(spanIdAt + 4, true));
    }
    const { nameLabel } = batch.resolver;
    if (nameLabel >= 0) batch.spanLabel(nameLabel, batch.dictionary.idOfText(textOfPlain(textOf(bytes, this.nameFrom, this.nameTo))));
    batch.endSpan(
      this.kind,
      this.status,
      startAt < 0 ? 0 : view.getInt32(startAt + 4, true),
      startAt < 0 ? 0 : view.getInt32(startAt, true),
      endAt < 0 ? 0 : view.getInt32(endAt + 4, true),
      endAt < 0 ? 0 : view.getInt32(endAt, true),
    );
  }

  /** Reads attributes as long as one follows the other, and at least one. @returns where the next field starts */
  private attributes(from: number, stop: number): number {
    const { bytes } = this;
    const { lengths } = this.batch.resolver;
    let at = from;
    for (; at + 4 < stop && bytes[at] === attribute; ) {
      let key = at + 2;
      let length = bytes[at + 1] as number;
      if (length >= 0x80) {
        const high = bytes[key] as number;
        if (high >= 0x80) return this.field(at, stop);
        length = (length & 0x7f) | (high << 7);
        key += 1;
      }
      const end = key + length;
      const keyLength = bytes[key + 1] as number; // a position within the span, whatever the lengths say
      if (end > stop || bytes[key] !== 0x0a || keyLength >= 0x80 || key + 2 + keyLength > end) return this.field(at, stop);
      if (lengths[keyLength] === 1) this.candidate(key, keyLength, end);
      at = end;
    }
    return at === from || (at < stop && bytes[at] === attribute) ? this.field(at, stop) : at;
  }

  /** An attribute with a key as long as one that is wanted. @param from,end  where its KeyValue stands */
  private candidate(from: number, keyLength: number, end: number): void {
    const { bytes, view } = this;
    const valueAt = from + 2 + keyLength;
    const wanted = this.batch.resolver.keyed(view, from + 2, valueAt);
    if (wanted === null) return;
    const length = end - valueAt - 2;
    if (length >= 0 && length < 0x80 && bytes[valueAt] === 0x12 && bytes[valueAt + 1] === length)
      this.keep(wanted, valueAt + 2, end, false);
    else this.attribute(from, end, false);
  }

  /** Reads fields of a span up to its next attribute. @returns where that starts */
  private fields(from: number, stop: number): number {
    const { bytes } = this;
    let at = from;
    while (at + 1 < stop) {
      const tag = bytes[at] as number;
      const first = bytes[at + 1] as number;
      if (tag === attribute) return at;
      if (tag === startTime && at + 9 <= stop) {
        this.startAt = at + 1;
        at += 9;
      } else if (tag === endTime && at + 9 <= stop) {
        this.endAt = at + 1;
        at += 9;
      } else if (first >= 0x80) at = this.field(at, stop);
      else if (tag === kind) {
        this.kind = first;
        at += 2;
      } else if (tag < 0x80 && tag >= 8 && (tag & 7) === 2 && at + 2 + first <= stop) {
        if (!this.keepBytes(tag, at + 2, at + 2 + first)) return this.field(at, stop);
        at += 2 + first;
      } else if (tag === flags && first === 1 && at + 6 <= stop) at += 6;
      else at = this.field(at, stop);
    }
    return at < stop ? this.field(at, stop) : at;
  }

  /** A field of a span that is bytes, text or a message. @returns false: its message is to be read */
  private keepBytes(tag: number, from: number, to: number): boolean {
    if (tag === name) {
      this.nameFrom = from;
      this.nameTo = to;
    } else if (tag === spanId) this.spanIdAt = to - from === 8 ? from : -1;
    else if (tag === traceId) this.keepTraceId(from, to);
    else if (tag === status) {
      if (from < to) return false;
      this.status = 0;
    }
    return true;
  }

  private keepTraceId(from: number, to: number): void {
    const { batch, view } = this;
    batch.spanTrace(to - from === 16 ? from : -1);
    if (to - from === 16) batch.identify(view.getInt32(from, true) ^ view.getInt32(from + 12, true));
  }

  /** Reads one field of a span, whatever it is. @returns where the next one starts. @throws {MalformedOtlpError} */
  private field(at: number, stop: number): number {
    const { cursor } = this;
    const { end } = cursor;
    cursor.position = at;
    cursor.end = stop;
    const tag = cursor.tag();
    if (tag === kind) this.kind = cursor.varint();
    else if (tag === startTime) this.startAt = cursor.fixed64();
    else if (tag === endTime) this.endAt = cursor.fixed64();
    else if (tag === attribute || tag === status || tag === name || tag === spanId || tag === traceId) {
      const to = cursor.span();
      if (tag === attribute) this.attribute(cursor.position, to, false);
      else if (tag === status) this.status = this.statusCode(cursor.position, to);
      else this.keepBytes(tag, cursor.position, to);
      cursor.position = to;
    } else cursor.skip(tag);
    cursor.end = end;
    return cursor.position;
  }

  private statusCode(from: number, to: number): number {
    const { cursor } = this;
    const { end } = cursor;
    let code = 0;
    cursor.position = from;
    cursor.end = to;
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag === 0x18) code = cursor.varint();
      else cursor.skip(tag);
    }
    cursor.end = end;
    return code;
  }

  /** A KeyValue of the resource or of the span. Behind a key that nobody asked for nothing is looked at. */
  private attribute(from: number, to: number, ofResource: boolean): void {
    const { cursor } = this;
    const { end } = cursor;
    let wanted: WantedAttribute | null = null;
    let [valueFrom, valueTo] = [0, 0];
    cursor.position = from;
    cursor.end = to;
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag === 0x0a) {
        const keyTo = cursor.span();
        wanted = this.batch.resolver.keyed(cursor.view, cursor.position, keyTo);
        cursor.position = keyTo;
        if (wanted === null) break;
      } else if (tag === 0x12) {
        valueTo = cursor.span();
        valueFrom = cursor.position;
        cursor.position = valueTo;
      } else cursor.skip(tag);
    }
    cursor.end = end;
    if (wanted !== null) this.keep(wanted, valueFrom, valueTo, ofResource);
  }

  private keep({ label, value }: WantedAttribute, from: number, to: number, ofResource: boolean): void {
    const { batch, view } = this;
    if (label >= 0) {
      const id = batch.dictionary.idOfValue(view, from, to);
      if (ofResource) batch.resourceLabel(label, id);
      else batch.spanLabel(label, id);
    }
    if (value >= 0) {
      const number = anyValueNumber(view, from, to);
      if (ofResource) batch.resourceValue(value, number);
      else batch.spanValue(value, number);
    }
  }
}
