import { mix, spread } from './byte-hash.js';

/** Bytes of the longest value that is kept here. */
export const longestShortValue = 32;

const words = longestShortValue / 4;
/** Numbers per value: its words, its length, its hash, its id. */
const row = words + 3;
const [lengthAt, hashAt, idAt] = [words, words + 1, words + 2];
const maxProbes = 32;
const [k0, k1, k2, k3] = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];

/** By length, {@link words} each: which bits of 32 bytes belong to a value. */
const masks = new Int32Array((longestShortValue + 1) * words);
for (let length = 0; length <= longestShortValue; length += 1) {
  for (let byte = 0; byte < length; byte += 1) {
    const word = length * words + (byte >> 2);
    masks[word] = (masks[word] as number) | (0xff << ((byte & 3) * 8)); // little-endian, as they are read
  }
}

/** Numbers of values of up to 32 bytes, found by their bytes. */
export class ShortValues {
  size = 0;
  private slots = new Int32Array(1 << 12);
  /** per value: its bytes, filled up with zeros, and the numbers above */
  private bytes = new Int32Array(row << 8);
  private readonly back = new Int32Array(4);

  /**
   * The hot path of every attribute that is wanted, hence no loop over its words, and no branch on the length but one.
   *
   * @param from  where it stands in `view`, and at least 32 bytes are there. @returns −1: it is not known; −2: nor can it be kept
   */
  find(view: DataView, from: number, length: number): number {
    const { slots, bytes } = this;
    const mask = length * words;
    const a = view.getInt32(from, true) & (masks[mask] as number);
    const b = view.getInt32(from + 4, true) & (masks[mask + 1] as number);
    const c = view.getInt32(from + 8, true) & (masks[mask + 2] as number);
    const d = view.getInt32(from + 12, true) & (masks[mask + 3] as number);
    const front = (Math.imul(a, k0) + Math.imul(b, k1) + Math.imul(c, k2) + Math.imul(d, k3)) | 0;
    const back = length > 16 ? this.readBack(view, from + 16, mask + 4) : 0;
    const hash = spread(mix(front, back) ^ length);
    const last = slots.length - 1;
    for (let probe = 0; probe < maxProbes; probe += 1) {
      const entry = (slots[(hash + probe) & last] as number) - 1;
      if (entry < 0) return -1;
      const at = entry * row;
      const differing =
        (a ^ (bytes[at] as number)) |
        (b ^ (bytes[at + 1] as number)) |
        (c ^ (bytes[at + 2] as number)) |
        (d ^ (bytes[at + 3] as number)) |
        (length ^ (bytes[at + lengthAt] as number));
      if (differing === 0 && (length <= 16 || this.isBack(at + 4))) return bytes[at + idAt] as number;
    }
    return -2; // values made to collide must not make us slow
  }

  /** Keeps the upper half of a value in `back`. @returns its share of the hash */
  private readBack(view: DataView, from: number, mask: number): number {
    const { back } = this;
    for (let word = 0; word < 4; word += 1) back[word] = view.getInt32(from + word * 4, true) & (masks[mask + word] as number);
    return hashOfFour(back, 0);
  }

  private isBack(at: number): boolean {
    const { back, bytes } = this;
    for (let word = 0; word < 4; word += 1) if (back[word] !== bytes[at + word]) return false;
    return true;
  }

  /** Keeps a value that {@link find} did not know. @returns false: too many are alike */
  add(view: DataView, from: number, length: number, id: number): boolean {
    this.reserve();
    const { bytes } = this;
    const at = this.size * row;
    for (let word = 0; word < words; word += 1)
      bytes[at + word] = view.getInt32(from + word * 4, true) & (masks[length * words + word] as number);
    const back = length > 16 ? hashOfFour(bytes, at + 4) : 0;
    const hash = spread(mix(hashOfFour(bytes, at), back) ^ length);
    if (!this.place(this.size, hash)) return false;
    bytes[at + lengthAt] = length;
    bytes[at + hashAt] = hash;
    bytes[at + idAt] = id;
    this.size += 1;
    if (this.size * 3 > this.slots.length) this.rehash();
    return true;
  }

  private place(entry: number, hash: number): boolean {
    const last = this.slots.length - 1;
    for (let probe = 0; probe < maxProbes; probe += 1) {
      const slot = (hash + probe) & last;
      if (this.slots[slot] !== 0) continue;
      this.slots[slot] = entry + 1;
      return true;
    }
    return false;
  }

  private reserve(): void {
    if ((this.size + 1) * row <= this.bytes.length) return;
    const bytes = new Int32Array(this.bytes.length * 2);
    bytes.set(this.bytes);
    this.bytes = bytes;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4);
    for (let entry = 0; entry < this.size; entry += 1) this.place(entry, this.bytes[entry * row + hashAt] as number);
  }
}

function hashOfFour(of: Int32Array, at: number): number {
  const half = (Math.imul(of[at] as number, k0) + Math.imul(of[at + 1] as number, k1)) | 0;
  return (half + Math.imul(of[at + 2] as number, k2) + Math.imul(of[at + 3] as number, k3)) | 0;
}
