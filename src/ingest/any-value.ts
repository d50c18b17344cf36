import { MalformedOtlpError } from './malformed-otlp-error.js';
import { ProtobufCursor } from './protobuf-cursor.js';

/** Attribute value as JSON knows it. Whole numbers beyond 2⁵³ are text. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };

const maxDepth = 16;
const maxTextLength = 1024;

/**
 * What an attribute is compared by. The same value gives the same text in both encodings: numbers in their shortest
 * form, lists and maps as JSON, bytes as base64; cut at 1 024 characters.
 */
export function textOfPlain(value: PlainValue): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > maxTextLength ? text.slice(0, maxTextLength) : text;
}

/** NaN where the value is not a number; text that is a number counts as one. */
export function numberOfPlain(value: PlainValue): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

/**
 * The number that an encoded AnyValue is, as {@link numberOfPlain} of {@link anyValue} has it; without building anything
 * where it is a double or a whole number below 2⁴⁹.
 *
 * @throws {MalformedOtlpError}
 */
export function anyValueNumber(view: DataView, from: number, to: number): number {
  const tag = from < to ? view.getUint8(from) : 0;
  if (tag === 0x21 && to - from === 9) return view.getFloat64(from + 1, true);
  if (tag === 0x18 && to - from > 1 && to - from <= 8 && view.getUint8(to - 1) < 0x80) {
    let value = 0;
    let factor = 1;
    for (let at = from + 1; at < to; at += 1, factor *= 128) {
      const byte = view.getUint8(at);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80 && at + 1 < to) return numberOfBytes(view, from, to); // there is more than the number
    }
    return value;
  }
  return numberOfBytes(view, from, to);
}

function numberOfBytes({ buffer, byteOffset, byteLength }: DataView, from: number, to: number): number {
  return numberOfPlain(anyValue(new Uint8Array(buffer, byteOffset, byteLength), from, to));
}

/** @param from,to  where an encoded AnyValue stands */
export const anyValueText = (bytes: Uint8Array, from: number, to: number): string => textOfPlain(anyValue(bytes, from, to));

/** @throws {MalformedOtlpError} also when lists and maps are nested deeper than 16 */
export function anyValue(bytes: Uint8Array, from: number, to: number): PlainValue {
  const cursor = new ProtobufCursor();
  cursor.open(bytes);
  cursor.position = from;
  cursor.end = to;
  return readAnyValue(cursor, 0);
}

/** Reads up to the end of the cursor's message. */
function readAnyValue(cursor: ProtobufCursor, depth: number): PlainValue {
  if (depth > maxDepth) throw new MalformedOtlpError(`an attribute value is nested deeper than ${maxDepth}`);
  let value: PlainValue = null;
  while (cursor.more) {
    const tag = cursor.tag();
    if (tag === 0x0a) value = cursor.text();
    else if (tag === 0x10) value = cursor.varint64() !== 0;
    else if (tag === 0x18) value = wholeNumber(BigInt.asIntN(64, cursor.varintBits()));
    else if (tag === 0x21) value = numberOrText(cursor.double());
    else if (tag === 0x2a) value = readList(cursor, depth);
    else if (tag === 0x32) value = readMap(cursor, depth);
    else if (tag === 0x3a) value = readBytes(cursor);
    else cursor.skip(tag);
  }
  return value;
}

function readList(cursor: ProtobufCursor, depth: number): PlainValue {
  const list: PlainValue[] = [];
  cursor.message(() => {
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag === 0x0a) cursor.message(() => list.push(readAnyValue(cursor, depth + 1)));
      else cursor.skip(tag);
    }
  });
  return list;
}

function readMap(cursor: ProtobufCursor, depth: number): PlainValue {
  const entries: [string, PlainValue][] = [];
  cursor.message(() => {
    while (cursor.more) {
      const tag = cursor.tag();
      if (tag === 0x0a) cursor.message(() => entries.push(readEntry(cursor, depth + 1)));
      else cursor.skip(tag);
    }
  });
  return Object.fromEntries(entries);
}

function readEntry(cursor: ProtobufCursor, depth: number): [string, PlainValue] {
  let key = '';
  let value: PlainValue = null;
  while (cursor.more) {
    const tag = cursor.tag();
    if (tag === 0x0a) key = cursor.text();
    else if (tag === 0x12)
      cursor.message(() => {
        value = readAnyValue(cursor, depth);
      });
    else cursor.skip(tag);
  }
  return [key, value];
}

function readBytes(cursor: ProtobufCursor): string {
  const stop = cursor.span();
  const text = base64Of(cursor.bytes.subarray(cursor.position, stop));
  cursor.position = stop;
  return text;
}

const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** An AnyValue as OTLP/JSON writes it. @throws {MalformedOtlpError} */
export function anyValueOfJson(value: unknown, depth = 0): PlainValue {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object' || Array.isArray(value)) throw new MalformedOtlpError('an attribute value must be an object');
  if (depth > maxDepth) throw new MalformedOtlpError(`an attribute value is nested deeper than ${maxDepth}`);
  const any = value as Record<string, unknown>;
  if (typeof any['stringValue'] === 'string') return any['stringValue'];
  if (typeof any['boolValue'] === 'boolean') return any['boolValue'];
  if (any['intValue'] !== undefined) return wholeNumber(bigOf(any['intValue']));
  if (any['doubleValue'] !== undefined) return numberOrText(doubleOf(any['doubleValue']));
  if (typeof any['bytesValue'] === 'string') return any['bytesValue'];
  if (any['arrayValue'] !== undefined) return listOf(any['arrayValue']).map((item) => anyValueOfJson(item, depth + 1));
  if (any['kvlistValue'] !== undefined) return mapOf(listOf(any['kvlistValue']), depth);
  return null;
}

function mapOf(entries: readonly unknown[], depth: number): PlainValue {
  const pairs = entries.flatMap((entry): [string, PlainValue][] => {
    if (typeof entry !== 'object' || entry === null) throw new MalformedOtlpError('an attribute must be an object');
    const { key, value } = entry as { key?: unknown; value?: unknown };
    return [[typeof key === 'string' ? key : '', anyValueOfJson(value, depth + 1)]];
  });
  return Object.fromEntries(pairs);
}

function listOf(holder: unknown): readonly unknown[] {
  const values = (holder as { values?: unknown } | null)?.values ?? [];
  if (!Array.isArray(values)) throw new MalformedOtlpError('values of an attribute must be a list');
  return values;
}

function bigOf(value: unknown): bigint {
  if (typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value)) return BigInt.asIntN(64, BigInt(value));
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt.asIntN(64, BigInt(value));
  throw new MalformedOtlpError('intValue is not a whole number');
}

/** A double as a number, as text or as NaN, Infinity and -Infinity. */
export function doubleOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.trim() !== '') {
    const number = Number(value);
    if (!Number.isNaN(number) || value === 'NaN') return number;
  }
  throw new MalformedOtlpError('a value is not a number');
}

const wholeNumber = (value: bigint): PlainValue => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
};

/** JSON has no infinities. */
const numberOrText = (value: number): PlainValue => (Number.isFinite(value) ? value : String(value));
