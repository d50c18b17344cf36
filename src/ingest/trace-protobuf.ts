import { anyValueNumber, textOfPlain } from './any-value.js';
import { hashOf } from './byte-hash.js';
import type { WantedAttribute } from './cohort-resolver.js';
import type { ObservationBatch } from './observation-batch.js';
import { ProtobufCursor, textOf } from './protobuf-cursor.js';

/** Field number and wire type of what a span consists of, as they stand before the field. */
const traceId = 0x0a;
const spanId = 0x12;
const traceState = 0x1a;
const parentId = 0x22;
const name = 0x2a;
const kind = 0x30;
const startTime = 0x39;
const endTime = 0x41;
const attribute = 0x4a;
const status = 0x7a;
const flags = 0x0185; // two bytes

/** an attribute whose length takes one byte, with the tag of its key behind it; and one whose length takes more */
const plainAttribute = 0x0a004a;
const longAttribute = 0x804a;
/** tag and length of the ids, as they should be */
const traceIdOf16 = 0x100a;
const spanIdOf8 = 0x0812;
const parentIdOf8 = 0x0822;
/** a status that says nothing, and the tag of the flags: how most spans end */
const unsetWithFlags = 0x0185007a;
/** bytes that the fields before the attributes have at most, where the length of each takes one byte; and two to look at */
const longestStart = 18 + 10 + 129 + 10 + 129 + 2 + 9 + 9 + 2;
const [k0, k1] = [0x9e3779b1, 0x85ebca6b];

/**
 * Reads ExportTraceServiceRequest. Texts are looked up by their bytes; an attribute nobody asked for is stepped over by
 * the length and the first byte of its key. Nothing is allocated per span, except for a value that was never seen before,
 * and for the name of a span where the plan asks for it.
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

  /** attributes that look wanted: where the key stands, how long it is, where the attribute ends */
  private readonly noted = new Int32Array(3 * 16);

  /** of the span that is being read; −1: the field is not there */
  private kind = 0;
  private status = 0;
  private traceIdAt = -1;
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
    const { batch, view } = this;
    if (!batch.startSpan()) return;
    this.kind = 0;
    this.status = 0;
    this.traceIdAt = -1;
    this.spanIdAt = -1;
    this.startAt = -1;
    this.endAt = -1;
    this.nameFrom = 0;
    this.nameTo = 0;
    let at = stop - from >= longestStart ? this.usualStart(from) : from;
    while (at < stop) {
      if (view.getUint8(at) === attribute) at = this.attributes(at, stop);
      else if (stop - at === 8 && view.getInt32(at, true) === unsetWithFlags) break;
      else at = this.fields(at, stop);
    }
    this.endSpan();
  }

  /**
   * Reads what stands before the attributes, in the order of the field numbers, as everyone writes it; any of it may be
   * absent. All that follows is read by `fields`. Where a length takes one byte, nothing here ends behind
   * {@link longestStart} bytes: so many must be there.
   *
   * @returns where the next field starts
   */
  private usualStart(from: number): number {
    const { view } = this;
    let at = from;
    if (view.getUint16(at, true) === traceIdOf16) {
      this.traceIdAt = at + 2;
      at += 18;
    }
    if (view.getUint16(at, true) === spanIdOf8) {
      this.spanIdAt = at + 2;
      at += 10;
    }
    let head = view.getUint16(at, true);
    if ((head & 0x80ff) === traceState) {
      at += 2 + (head >>> 8);
      head = view.getUint16(at, true);
    }
    if (head === parentIdOf8) {
      at += 10;
      head = view.getUint16(at, true);
    }
    if ((head & 0x80ff) === name) {
      this.nameFrom = at + 2;
      at += 2 + (head >>> 8);
      this.nameTo = at;
      head = view.getUint16(at, true);
    }
    if ((head & 0x80ff) === kind) {
      this.kind = head >>> 8;
      at += 2;
    }
    if (view.getUint8(at) === startTime) {
      this.startAt = at + 1;
      at += 9;
    }
    if (view.getUint8(at) !== endTime) return at;
    this.endAt = at + 1;
    return at + 9;
  }

  private endSpan(): void {
    const { batch, view, traceIdAt, spanIdAt, startAt, endAt } = this;
    let word = 0;
    let other = 0;
    if (spanIdAt < 0) batch.withoutIdentity();
    else {
      word = view.getInt32(spanIdAt, true);
      other = view.getInt32(spanIdAt + 4, true);
    }
    if (traceIdAt >= 0) {
      word = (Math.imul(word, k0) + view.getInt32(traceIdAt, true)) | 0;
      other = (Math.imul(other, k1) + view.getInt32(traceIdAt + 12, true)) | 0;
      batch.spanTrace(traceIdAt);
    }
    batch.identify(word, other);
    if (batch.resolver.nameLabel >= 0) this.keepName();
    batch.endSpan(
      this.kind,
      this.status,
      startAt < 0 ? 0 : view.getInt32(startAt + 4, true),
      startAt < 0 ? 0 : view.getInt32(startAt, true),
      endAt < 0 ? 0 : view.getInt32(endAt + 4, true),
      endAt < 0 ? 0 : view.getInt32(endAt, true),
    );
  }

  private keepName(): void {
    const { batch, bytes, nameFrom, nameTo } = this;
    batch.spanLabel(batch.resolver.nameLabel, batch.dictionary.idOfText(textOfPlain(textOf(bytes, nameFrom, nameTo))));
  }

  /**
   * Reads attributes as long as one follows the other. Four bytes are looked at together: the tag of the attribute, its
   * length, the tag of its key, and the length of the key; one byte later where the length takes two.
   *
   * Those that look wanted are noted and looked at afterwards: a loop that does nothing but step over the others keeps all
   * it needs in registers.
   *
   * @param from  where an attribute starts. @returns where the next field starts
   */
  private attributes(from: number, stop: number): number {
    const { view, noted } = this;
    const { firstBytes } = this.batch.resolver;
    let at = from;
    let count = 0;
    while (at + 5 <= stop) {
      const head = view.getInt32(at, true);
      let key = at + 4;
      let keyLength = head >>> 24;
      let end = at + 2 + view.getUint8(at + 1); // sooner there than by way of `head`, and the next step waits for it
      if ((head & 0xff80ff) !== plainAttribute) {
        const longer = view.getInt32(at + 1, true);
        if ((head & 0x80ff) !== longAttribute || (longer & 0xff8000) !== 0x0a0000) break;
        key = at + 5;
        keyLength = longer >>> 24;
        end = at + 3 + ((longer & 0x7f) | ((longer & 0x7f00) >>> 1));
      }
      if (end > stop || keyLength >= 0x80 || key + keyLength > end) break;
      const wanted = firstBytes[keyLength] as number;
      if (wanted !== 0 && ((wanted >>> (view.getUint8(key) & 31)) & 1) === 1) {
        if (count === noted.length) break;
        noted[count] = key;
        noted[count + 1] = keyLength;
        noted[count + 2] = end;
        count += 3;
      }
      at = end;
    }
    for (let index = 0; index < count; index += 3)
      this.candidate(noted[index] as number, noted[index + 1] as number, noted[index + 2] as number);
    return at < stop && view.getUint8(at) === attribute ? this.field(at, stop) : at;
  }

  /** An attribute whose key looks like one that is wanted. @param key  where its text stands; @param end  of the attribute */
  private candidate(key: number, keyLength: number, end: number): void {
    const { view } = this;
    const valueAt = key + keyLength;
    const wanted = this.batch.resolver.keyed(view, key, valueAt);
    if (wanted === null) return;
    const length = end - valueAt - 2;
    const isPlain = length >= 0 && length < 0x80 && view.getUint8(valueAt) === 0x12 && view.getUint8(valueAt + 1) === length;
    if (isPlain) this.keep(wanted, valueAt + 2, end, false);
    else this.attribute(key - 2, end, false);
  }

  /** Reads fields of a span up to its next attribute. @returns where that starts */
  private fields(from: number, stop: number): number {
    const { view } = this;
    let at = from;
    while (at + 2 <= stop) {
      const head = view.getUint16(at, true);
      const length = head >>> 8;
      switch (head & 0xff) {
        case attribute:
          return at;
        case traceId:
          if (length !== 16 || at + 18 > stop) return this.field(at, stop);
          this.traceIdAt = at + 2;
          at += 18;
          break;
        case spanId:
          if (length !== 8 || at + 10 > stop) return this.field(at, stop);
          this.spanIdAt = at + 2;
          at += 10;
          break;
        case name:
        case traceState:
        case parentId:
          if (length >= 0x80 || at + 2 + length > stop) return this.field(at, stop);
          if ((head & 0xff) === name) {
            this.nameFrom = at + 2;
            this.nameTo = at + 2 + length;
          }
          at += 2 + length;
          break;
        case kind:
          if (length >= 0x80) return this.field(at, stop);
          this.kind = length;
          at += 2;
          break;
        case startTime:
          if (at + 9 > stop) return this.field(at, stop);
          this.startAt = at + 1;
          at += 9;
          break;
        case endTime:
          if (at + 9 > stop) return this.field(at, stop);
          this.endAt = at + 1;
          at += 9;
          break;
        case status:
          if (length > 0) return this.field(at, stop);
          at += 2; // says nothing; one before it still holds
          break;
        case flags & 0xff:
          if (head !== flags || at + 6 > stop) return this.field(at, stop);
          at += 6;
          break;
        default:
          return this.field(at, stop);
      }
    }
    return at < stop ? this.field(at, stop) : at;
  }

  /** A field of a span that is bytes or text. An id of another length than it must have is none. */
  private keepBytes(tag: number, from: number, to: number): void {
    if (tag === name) {
      this.nameFrom = from;
      this.nameTo = to;
    } else if (tag === spanId) this.spanIdAt = to - from === 8 ? from : -1;
    else if (tag === traceId) this.traceIdAt = to - from === 16 ? from : -1;
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
    let code = this.status; // of a message that comes twice the fields of both count
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
