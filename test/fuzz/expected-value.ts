import protobuf from 'protobufjs';
import { decoded } from './wire-schema.js';

/** The value of an attribute, and as OTLP/JSON writes it. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** The other side would read it, and Assay refuses it by intention. */
export class RefusedByIntention extends Error {}

/** Occurrences of a field that is meant to be there once. */
export class Doubtful extends Error {}

const deepest = 16;
const decoder = new TextDecoder();

/** protobufjs has an empty list where there are no bytes. */
export const textOf = (bytes: Uint8Array | null | undefined): string => (bytes?.length ? decoder.decode(bytes) : '');

/** An AnyValue, said with the reader of protobufjs: the last of its values counts. */
export function plainOf(bytes: Uint8Array, depth = 0): Plain {
  if (depth > deepest) throw new RefusedByIntention('an attribute value is nested deeper than 16');
  let value: Plain = null;
  for (const { tag, reader } of fieldsOf(bytes)) {
    if (tag === 0x0a) value = textOf(reader.bytes());
    else if (tag === 0x10) value = reader.bool();
    else if (tag === 0x18) value = wholeNumber(BigInt(String(reader.int64())));
    else if (tag === 0x21) value = finiteOrText(reader.double());
    else if (tag === 0x2a) value = itemsOf(reader.bytes()).map((item) => plainOf(item, depth + 1));
    else if (tag === 0x32) value = Object.fromEntries(itemsOf(reader.bytes()).map((item) => entryOf(item, depth + 1)));
    else if (tag === 0x3a) value = Buffer.from(reader.bytes()).toString('base64');
    else reader.skipType(tag & 7, 0, tag >>> 3);
  }
  return value;
}

function* fieldsOf(bytes: Uint8Array): Generator<{ readonly tag: number; readonly reader: protobuf.Reader }> {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) yield { tag: reader.tag(), reader };
  if (reader.pos !== reader.len) throw new RangeError('index out of range');
}

function itemsOf(bytes: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (const { tag, reader } of fieldsOf(bytes)) {
    if (tag === 0x0a) items.push(reader.bytes());
    else reader.skipType(tag & 7, 0, tag >>> 3);
  }
  return items;
}

function entryOf(bytes: Uint8Array, depth: number): [string, Plain] {
  let [key, value]: [string, Plain] = ['', null];
  for (const { tag, reader } of fieldsOf(bytes)) {
    if (tag === 0x0a) key = textOf(reader.bytes());
    else if (tag === 0x12) value = plainOf(reader.bytes(), depth);
    else reader.skipType(tag & 7, 0, tag >>> 3);
  }
  return [key, value];
}

const wholeNumber = (value: bigint): Plain => (Number.isSafeInteger(Number(value)) ? Number(value) : value.toString());
const finiteOrText = (value: number): Plain => (Number.isFinite(value) ? value : String(value));

/** What values are compared by: see docs/ingest.md. */
export function labelOf(value: Plain): string {
  if (value === null) return '';
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).slice(0, 1024);
}

/** NaN: it is no number. */
export function numberOf(value: Plain): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

/** Key and encoded value of an attribute. @throws {Doubtful} it has several of one, or cannot be read */
export function attributeOf(bytes: Uint8Array): readonly [key: string, value: Uint8Array] {
  const { key = [], value = [] } = orDoubtful(() => decoded<{ key?: Uint8Array[]; value?: Uint8Array[] }>('KeyValue', bytes));
  if (key.length > 1 || value.length > 1) throw new Doubtful('an attribute with two keys or two values');
  return [textOf(key[0]), value[0] ?? new Uint8Array(0)];
}

/** Assay does not look into an attribute nobody asked for, and so may not notice. */
export function orDoubtful<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof RefusedByIntention || error instanceof Doubtful) throw error;
    throw new Doubtful('an attribute that cannot be read');
  }
}
