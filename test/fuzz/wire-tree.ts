/** A field as it stands in a message: its number and wire type, and what follows the tag. */
export interface WireField {
  number: number;
  wire: number;
  /** a varint as its bytes, 8 or 4 bytes, or a payload without its length */
  bytes: Uint8Array;
  /** the payload read as a message, where it can be */
  children: WireField[] | null;
}

const deepest = 12;

/** The bytes as a tree of fields; null: they are no message. A text that happens to be one is taken for one. */
export function treeOf(bytes: Uint8Array, depth = 0): WireField[] | null {
  const fields: WireField[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = varintAt(bytes, at);
    if (tag === null) return null;
    const [number, wire] = [Math.floor(tag.value / 8), tag.value & 7];
    const from = tag.next;
    if (number === 0 || number > 2 ** 29 - 1) return null;
    const field = fieldAt(bytes, from, wire);
    if (field === null) return null;
    const inside = wire === 2 && field.bytes.length > 1 && depth < deepest ? treeOf(field.bytes, depth + 1) : null;
    fields.push({ number, wire, bytes: field.bytes, children: inside });
    at = field.next;
  }
  return fields;
}

function fieldAt(bytes: Uint8Array, from: number, wire: number): { readonly bytes: Uint8Array; readonly next: number } | null {
  const until = (next: number, start = from): { bytes: Uint8Array; next: number } | null =>
    next > bytes.length ? null : { bytes: bytes.slice(start, next), next };
  if (wire === 1) return until(from + 8);
  if (wire === 5) return until(from + 4);
  const varint = varintAt(bytes, from);
  if (varint === null || (wire !== 0 && wire !== 2)) return null;
  return wire === 0 ? until(varint.next) : until(varint.next + varint.value, varint.next);
}

function varintAt(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } | null {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[from + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: from + index + 1 };
  }
  return null;
}

/** The bytes of a tree, with lengths that are right whatever was done to it. */
export function bytesOf(fields: readonly WireField[]): Uint8Array {
  return Buffer.concat(fields.flatMap((field) => encoded(field)));
}

function encoded({ number, wire, bytes, children }: WireField): Uint8Array[] {
  const payload = children === null ? bytes : bytesOf(children);
  const tag = varint(number * 8 + wire);
  return wire === 2 ? [tag, varint(payload.length), payload] : [tag, payload];
}

/** @param length  at least so many bytes: a varint may be longer than it needs to be */
export function varint(value: number, length = 1): Uint8Array {
  const bytes = new Uint8Array(12);
  let [rest, count] = [value, 0];
  do {
    bytes[count] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
    count += 1;
  } while (rest > 0 || count < length);
  bytes[count - 1] = (bytes[count - 1] as number) & 0x7f;
  return bytes.subarray(0, count);
}
