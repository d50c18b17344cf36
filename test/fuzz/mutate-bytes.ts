import { bytesOf, treeOf, varint, type WireField } from './wire-tree.js';

type Random = () => number;

const upTo = (random: Random, most: number): number => Math.floor(random() * most);
const pick = <T>(random: Random, from: readonly T[]): T => from[upTo(random, from.length)] as T;

const invalidTexts = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xe2, 0x82],
  [0xf4, 0x90, 0x80, 0x80],
  [0xef, 0xbb, 0xbf, 0x61],
  [0x80, 0x61],
];
const numbers = [0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53];
const words = ['0000000000000000', 'ffffffffffffffff', '000000000000f07f', '000000000000f87f', '000000000000f0ff', '0000000000000080'];
const longestList = 1 << 16;

/** One to three changes to a body: to the fields it is made of, to its bytes, or to both. Same random numbers, same bytes. */
export function mutated(body: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes = body;
  const changes = 1 + upTo(random, 3);
  for (let change = 0; change < changes; change += 1) {
    const tree = random() < 0.65 ? treeOf(bytes) : null;
    bytes = tree === null ? pick(random, byteChanges)(bytes, other, random) : changedTree(tree, other, random);
    if (bytes.length > longestList) bytes = bytes.subarray(0, longestList);
  }
  return bytes;
}

type ByteChange = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

const byteChanges: readonly ByteChange[] = [
  function flipBit(bytes, _, random) {
    const copy = Uint8Array.from(bytes);
    const at = upTo(random, copy.length);
    if (at < copy.length) copy[at] = (copy[at] as number) ^ (1 << upTo(random, 8));
    return copy;
  },
  function setByte(bytes, _, random) {
    const copy = Uint8Array.from(bytes);
    copy[upTo(random, copy.length)] = pick(random, [0, 1, 0x7f, 0x80, 0xff, upTo(random, 256)]);
    return copy;
  },
  (bytes, _, random) => bytes.subarray(0, upTo(random, bytes.length + 1)),
  (bytes, _, random) => {
    const at = upTo(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + upTo(random, 8))]);
  },
  (bytes, _, random) => {
    const at = upTo(random, bytes.length);
    const inserted = Uint8Array.from({ length: 1 + upTo(random, 6) }, () => upTo(random, 256));
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
  },
  (bytes, other, random) => Buffer.concat([bytes.subarray(0, upTo(random, bytes.length)), other.subarray(upTo(random, other.length))]),
  (bytes, other) => Buffer.concat([bytes, other]),
];

function changedTree(tree: WireField[], other: Uint8Array, random: Random): Uint8Array {
  const fields = random() < 0.9 ? someMessage(tree, random) : tree;
  const at = upTo(random, fields.length);
  const field = fields[at];
  if (field === undefined) fields.push(unknownField(random));
  else pick(random, fieldChanges)(fields, at, field, random, other);
  return bytesOf(tree);
}

/** Down the tree by chance. */
function someMessage(tree: WireField[], random: Random): WireField[] {
  let fields = tree;
  for (;;) {
    const inside = fields.flatMap(({ children }) => (children === null || children.length === 0 ? [] : [children]));
    if (inside.length === 0 || random() < 0.15) return fields;
    fields = pick(random, inside);
  }
}

type FieldChange = (fields: WireField[], at: number, field: WireField, random: Random, other: Uint8Array) => void;

const fieldChanges: readonly FieldChange[] = [
  (fields, at, field) => void fields.splice(at, 0, structuredClone(field)),
  (fields, _, field) => void fields.push(structuredClone(field)),
  (fields, at) => void fields.splice(at, 1),
  (fields, at, field, random) => {
    fields.splice(at, 1);
    fields.splice(upTo(random, fields.length + 1), 0, field);
  },
  (fields) => void fields.reverse(),
  (fields, at, _, random) => void fields.splice(at, 0, unknownField(random)),
  (fields, at, _, random) => void fields.splice(at, 0, ...group(random, upTo(random, 3))),
  (_fields, _at, field, random) => {
    field.number = 1 + upTo(random, 20);
  },
  (_fields, _at, field, random) => Object.assign(field, ofWire(pick(random, [0, 1, 2, 5]), random)),
  (_fields, _at, field, random) => {
    if (field.wire === 2 && random() < 0.5) Object.assign(field, { bytes: Uint8Array.from(pick(random, invalidTexts)), children: null });
    else Object.assign(field, ofWire(field.wire, random));
  },
  (_fields, _at, field, random) => {
    if (field.wire === 0) field.bytes = varint(pick(random, numbers), 1 + upTo(random, 12));
  },
  (_fields, _at, field) => {
    if (field.wire === 2) Object.assign(field, { bytes: new Uint8Array(0), children: null });
  },
  // several of the same inside of one, as a decoder that merges sees them
  (fields, at, field, random) => {
    const second = structuredClone(field);
    if (second.children !== null) second.children = second.children.filter(() => random() < 0.5);
    fields.splice(upTo(random, fields.length + 1), 0, second);
    if (random() < 0.3) fields.splice(at, 0, structuredClone(second));
  },
  (fields, at, _field, random, other) => {
    const tree = treeOf(other);
    if (tree === null || tree.length === 0) return;
    fields.splice(at, 0, structuredClone(pick(random, someMessage(tree, random))));
  },
];

const unknownField = (random: Random): WireField => ({
  number: pick(random, [4, 13, 14, 17, 100, 2_047, 2_048, 19_000, 2 ** 29 - 1]),
  ...ofWire(pick(random, [0, 1, 2, 5]), random),
});

function ofWire(wire: number, random: Random): Pick<WireField, 'wire' | 'bytes' | 'children'> {
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => upTo(random, 256));
  if (wire === 0) return { wire, bytes: varint(pick(random, numbers), 1 + upTo(random, 10)), children: null };
  if (wire === 1) return { wire, bytes: random() < 0.5 ? Buffer.from(pick(random, words), 'hex') : noise(8), children: null };
  return { wire, bytes: wire === 5 ? noise(4) : noise(upTo(random, 20)), children: null };
}

/** A group, as old encoders wrote them, nested a few times or far too deeply. */
function group(random: Random, kind: number): WireField[] {
  const depth = kind === 2 ? pick(random, [60, 70, 99, 110, 500]) : 1 + upTo(random, 3);
  const numberOf = (level: number): number => 21 + (level % 3);
  const none = { bytes: new Uint8Array(0), children: null };
  const levels = Array.from({ length: depth }, (_, level) => level);
  const opened = levels.map((level) => ({ number: numberOf(level), wire: 3, ...none }));
  const closed = levels.reverse().map((level) => ({ number: numberOf(level), wire: 4, ...none }));
  const inside = { number: 1, ...ofWire(pick(random, [0, 1, 2, 5]), random) };
  if (random() < 0.2) closed.pop(); // it never ends
  return [...opened, inside, ...closed];
}
