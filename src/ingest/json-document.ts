import { MalformedOtlpError } from './malformed-otlp-error.js';

const maxDepth = 64;
/** Attributes as small as they get need 18 bytes for each, so that 20 MiB of telemetry have fewer; built, each takes up to 100. */
const mostBrackets = 1_500_000;
const [quote, backslash, openObject, closeObject, openList, closeList] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

/**
 * JSON from outside. Its shape is checked in one pass over the bytes before anything is built.
 *
 * @throws {MalformedOtlpError} not JSON, nested deeper than 64, or more than 1.5 million objects and lists
 */
export function parseJson(bytes: Uint8Array): unknown {
  checkShape(bytes);
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (error) {
    throw new MalformedOtlpError('the body is not JSON', { cause: error });
  }
}

function checkShape(bytes: Uint8Array): void {
  let [depth, brackets] = [0, 0];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfText(bytes, at + 1);
    else if (byte === closeObject || byte === closeList) depth -= 1;
    else if (byte === openObject || byte === openList) {
      depth += 1;
      brackets += 1;
      if (depth > maxDepth) throw new MalformedOtlpError(`JSON is nested deeper than ${maxDepth}`);
      if (brackets > mostBrackets) throw new MalformedOtlpError(`JSON has more than ${mostBrackets} objects and lists`);
    }
  }
}

function endOfText(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** @returns {} where there is none */
export function objectOf(value: unknown, what: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new MalformedOtlpError(`${what} must be an object`);
  return value as JsonObject;
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns [] where there is none */
export function listOf(value: unknown, what: string): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedOtlpError(`${what} must be a list`);
  if (value.every(isObject)) return value; // names and copies nothing where all is well: lists may be very long
  return value.map((item) => objectOf(item, `every one of ${what}`));
}

/** 64 bits, written as text or as a number; 0 where there is none. */
export function integerOf(value: unknown, what: string): bigint {
  if (value === undefined || value === null || value === '') return 0n;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  throw new MalformedOtlpError(`${what} is not a whole number`);
}

/** An enumeration, as its number or as its name. @param names  by number */
export function enumOf(value: unknown, names: readonly string[], what: string): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  const number = typeof value === 'string' ? names.indexOf(value) : -1;
  if (number < 0) throw new MalformedOtlpError(`${what} is not one of ${names.join(', ')}`);
  return number;
}
