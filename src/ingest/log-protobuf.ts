import { hashOf } from './byte-hash.js';
import type { WantedAttribute } from './cohort-resolver.js';
import type { LogBatch } from './log-batch.js';
import { severityOfNumber, severityOfText } from './log-severity.js';
import { ProtobufCursor, textOf } from './protobuf-cursor.js';

/** Reads ExportLogsServiceRequest: severity, time and the attributes that somebody asked for. Bodies are stepped over. */
export class LogProtobufReader {
  private readonly cursor = new ProtobufCursor();

  constructor(private readonly batch: LogBatch) {}

  /** @throws {MalformedOtlpError} */
  read(bytes: Uint8Array): void {
    const { cursor } = this;
    cursor.open(bytes);
    try {
      this.eachMessage(0x0a, this.resourceLogs);
    } finally {
      cursor.close();
    }
  }

  /** The resource is read first, wherever it stands. */
  private readonly resourceLogs = (): void => {
    const { cursor, batch } = this;
    const from = cursor.position;
    if (!batch.isWanted) {
      cursor.position = cursor.end;
      return;
    }
    batch.startResource();
    this.eachMessage(0x0a, this.resource);
    cursor.position = from;
    this.eachMessage(0x12, this.scopeLogs);
  };

  private readonly resource = (): void => {
    const { cursor, batch } = this;
    batch.identify(hashOf(cursor.view, cursor.position, cursor.end));
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag === 0x0a) this.attribute(true);
      else cursor.skip(tag);
    }
  };

  private readonly scopeLogs = (): void => this.eachMessage(0x12, this.record);

  private eachMessage(wanted: number, read: () => void): void {
    const { cursor } = this;
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag === wanted) cursor.message(read);
      else cursor.skip(tag);
    }
  }

  private readonly record = (): void => {
    const { cursor, batch } = this;
    if (!batch.startRecord()) {
      cursor.position = cursor.end;
      return;
    }
    const { view } = cursor;
    batch.identify(hashOf(view, cursor.position, cursor.end));
    let [number, textFrom, textTo] = [0, 0, 0];
    let [high, low, observedHigh, observedLow] = [0, 0, 0, 0];
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      switch (tag) {
        case 0x09: {
          const at = cursor.fixed64();
          low = view.getUint32(at, true);
          high = view.getUint32(at + 4, true);
          break;
        }
        case 0x59: {
          const at = cursor.fixed64();
          observedLow = view.getUint32(at, true);
          observedHigh = view.getUint32(at + 4, true);
          break;
        }
        case 0x10:
          number = cursor.varint();
          break;
        case 0x1a:
          textTo = cursor.span();
          textFrom = cursor.position;
          cursor.position = textTo;
          break;
        case 0x32:
          this.attribute(false);
          break;
        default:
          cursor.skip(tag);
      }
    }
    const severity = number === 0 ? this.severityIn(textFrom, textTo) : severityOfNumber(number);
    const happened = high !== 0 || low !== 0;
    batch.endRecord(severity, happened ? high : observedHigh, happened ? low : observedLow);
  };

  /** Most loggers send a number; the text of those that do not is short. */
  private severityIn(from: number, to: number): string {
    return from === to || to - from > longestText ? '' : severityOfText(textOf(this.cursor.bytes, from, to));
  }

  /** A KeyValue of the resource or of the record. */
  private attribute(ofResource: boolean): void {
    const { cursor, batch } = this;
    const stop = cursor.span();
    const { end, view } = cursor;
    cursor.end = stop;
    let wanted: WantedAttribute | null = null;
    let [valueFrom, valueTo] = [0, 0];
    while (cursor.position < stop) {
      const tag = cursor.tag();
      if (tag === 0x0a) {
        const keyTo = cursor.span();
        wanted = batch.resolver.keyed(view, cursor.position, keyTo);
        cursor.position = keyTo;
        if (wanted === null) break; // the rest of it is nobody's concern
      } else if (tag === 0x12) {
        valueTo = cursor.span();
        valueFrom = cursor.position;
        cursor.position = valueTo;
      } else cursor.skip(tag);
    }
    cursor.end = end;
    cursor.position = stop;
    if (wanted === null || wanted.label < 0) return;
    const id = batch.dictionary.idOfValue(view, valueFrom, valueTo);
    if (ofResource) batch.resourceLabel(wanted.label, id);
    else batch.recordLabel(wanted.label, id);
  }
}

/** A word with much white space around it is still one. */
const longestText = 64;
