import { anyValue, numberOfPlain, textOfPlain } from './any-value.js';
import type { WantedAttribute } from './cohort-resolver.js';
import { hashOf } from './dictionary.js';
import type { ObservationBatch } from './observation-batch.js';
import { ProtobufCursor, textOf } from './protobuf-cursor.js';

/** Reads ExportTraceServiceRequest. Strings are looked up by their bytes; an attribute nobody asked for is not looked at. */
export class TraceProtobufReader {
  private readonly cursor = new ProtobufCursor();

  constructor(private readonly batch: ObservationBatch) {}

  /** @throws {MalformedOtlpError} */
  read(bytes: Uint8Array): void {
    const { cursor } = this;
    cursor.open(bytes);
    try {
      while (cursor.more) {
        const tag = cursor.tag();
        if (tag === 0x0a) cursor.message(this.resourceSpans);
        else cursor.skip(tag);
      }
    } finally {
      cursor.close();
    }
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
    batch.identify(hashOf(cursor.bytes, cursor.position, cursor.end));
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag === 0x0a) this.attribute(true);
      else cursor.skip(tag);
    }
  };

  private readonly scopeSpans = (): void => this.eachMessage(0x12, this.span);

  private eachMessage(wanted: number, read: () => void): void {
    const { cursor } = this;
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag === wanted) cursor.message(read);
      else cursor.skip(tag);
    }
  }

  private readonly span = (): void => {
    const { cursor, batch } = this;
    if (!batch.startSpan()) {
      cursor.position = cursor.end;
      return;
    }
    const { bytes, view } = cursor;
    let kind = 0;
    let status = 0;
    let [nameFrom, nameTo, spanIdAt] = [0, 0, -1];
    let [startHigh, startLow, endHigh, endLow] = [0, 0, 0, 0];
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      switch (tag) {
        case 0x4a:
          this.attribute(false);
          break;
        case 0x39: {
          const at = cursor.fixed64();
          startLow = view.getUint32(at, true);
          startHigh = view.getUint32(at + 4, true);
          break;
        }
        case 0x41: {
          const at = cursor.fixed64();
          endLow = view.getUint32(at, true);
          endHigh = view.getUint32(at + 4, true);
          break;
        }
        case 0x30:
          kind = cursor.varint();
          break;
        case 0x7a:
          status = this.status();
          break;
        case 0x2a:
          nameTo = cursor.span();
          nameFrom = cursor.position;
          cursor.position = nameTo;
          break;
        case 0x12: {
          const stop = cursor.span();
          spanIdAt = stop - cursor.position === 8 ? cursor.position : -1;
          cursor.position = stop;
          break;
        }
        case 0x0a: {
          const stop = cursor.span();
          if (stop - cursor.position === 16)
            batch.identify(view.getInt32(cursor.position, true) ^ view.getInt32(cursor.position + 12, true));
          cursor.position = stop;
          break;
        }
        default:
          cursor.skip(tag);
      }
    }
    if (spanIdAt >= 0) {
      batch.identify(view.getInt32(spanIdAt, true));
      batch.identify(view.getInt32(spanIdAt + 4, true));
    } else batch.withoutIdentity();
    const { nameLabel } = batch.resolver;
    if (nameLabel >= 0) batch.spanLabel(nameLabel, batch.dictionary.idOfText(textOfPlain(textOf(bytes, nameFrom, nameTo))));
    batch.endSpan(kind, status, startHigh, startLow, endHigh, endLow);
  };

  private status(): number {
    const { cursor } = this;
    const stop = cursor.span();
    const { end } = cursor;
    let code = 0;
    cursor.end = stop;
    while (cursor.position < stop) {
      const tag = cursor.tag();
      if (tag === 0x18) code = cursor.varint();
      else cursor.skip(tag);
    }
    cursor.end = end;
    return code;
  }

  /** A KeyValue of the resource or of the span. */
  private attribute(ofResource: boolean): void {
    const { cursor } = this;
    const stop = cursor.span();
    const { end, bytes } = cursor;
    cursor.end = stop;
    let wanted: WantedAttribute | undefined;
    let [valueFrom, valueTo] = [0, 0];
    while (cursor.position < stop) {
      const tag = cursor.tag();
      if (tag === 0x0a) {
        const keyTo = cursor.span();
        wanted = this.batch.resolver.keyed(bytes, cursor.position, keyTo);
        cursor.position = keyTo;
        if (wanted === undefined) break; // the rest of it is nobody's concern
      } else if (tag === 0x12) {
        valueTo = cursor.span();
        valueFrom = cursor.position;
        cursor.position = valueTo;
      } else cursor.skip(tag);
    }
    cursor.end = end;
    cursor.position = stop;
    if (wanted !== undefined) this.keep(wanted, valueFrom, valueTo, ofResource);
  }

  private keep({ label, value }: WantedAttribute, from: number, to: number, ofResource: boolean): void {
    const { batch } = this;
    const { bytes } = this.cursor;
    if (label >= 0) {
      const id = batch.dictionary.idOfValue(bytes, from, to);
      if (ofResource) batch.resourceLabel(label, id);
      else batch.spanLabel(label, id);
    }
    if (value >= 0) {
      const number = numberOfPlain(anyValue(bytes, from, to));
      if (ofResource) batch.resourceValue(value, number);
      else batch.spanValue(value, number);
    }
  }
}
