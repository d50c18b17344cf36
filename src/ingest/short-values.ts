import { mix, spread } from './byte-hash.js';

/** Bytes of the longest value that is kept here; all of them are looked at together, so that no branch depends on the length. */
export const longestShortValue = 32;

const words = longestShortValue / 4;
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
  /** per value: its bytes, filled up with zeros */
  private bytes = new Int32Array(words << 8);
  /** per value: its length, its hash, its number */
  private entries = new Int32Array(3 << 8);

  /**
   * The hot path of every attribute that is wanted, hence no loop over its words.
   *
   * @param from  where it stands in `view`, and at least 32 bytes are there. @returns −1: it is not known; −2: nor can it be kept
   */
  find(view: DataView, from: number, length: number): number {
    const { slots, bytes, entries } = this;
    const mask = length * words;
    const a = view.getInt32(from, true) & (masks[mask] as number);
    const b = view.getInt32(from + 4, true) & (masks[mask + 1] as number);
    const c = view.getInt32(from + 8, true) & (masks[mask + 2] as number);
    const d = view.getInt32(from + 12, true) & (masks[mask + 3] as number);
    const e = view.getInt32(from + 16, true) & (masks[mask + 4] as number);
    const f = view.getInt32(from + 20, true) & (masks[mask + 5] as number);
    const g = view.getInt32(from + 24, true) & (masks[mask + 6] as number);
    const h = view.getInt32(from + 28, true) & (masks[mask + 7] as number);
    const front = (Math.imul(a, k0) + Math.imul(b, k1) + Math.imul(c, k2) + Math.imul(d, k3)) | 0;
    const back = (Math.imul(e, k0) + Math.imul(f, k1) + Math.imul(g, k2) + Math.imul(h, k3)) | 0;
    const hash = spread(mix(front, back) ^ length);
    const last = slots.length - 1;
    for (let probe = 0; probe < maxProbes; probe += 1) {
      const entry = (slots[(hash + probe) & last] as number) - 1;
      if (entry < 0) return -1;
      const at = entry * words;
      const differing =
        (a ^ (bytes[at] as number)) |
        (b ^ (bytes[at + 1] as number)) |
        (c ^ (bytes[at + 2] as number)) |
        (d ^ (bytes[at + 3] as number)) |
        (e ^ (bytes[at + 4] as number)) |
        (f ^ (bytes[at + 5] as number)) |
        (g ^ (bytes[at + 6] as number)) |
        (h ^ (bytes[at + 7] as number)) |
        (length ^ (entries[entry * 3] as number));
      if (differing === 0) return entries[entry * 3 + 2] as number;
    }
    return -2; // values made to collide must not make us slow
  }

  /** Keeps a value that {@link find} did not know. @returns false: too many are alike */
  add(view: DataView, from: number, length: number, id: number): boolean {
    this.reserve();
    const at = this.size * words;
    for (let word = 0; word < words; word += 1)
      this.bytes[at + word] = view.getInt32(from + word * 4, true) & (masks[length * words + word] as number);
    const hash = this.hashAt(at, length);
    if (!this.place(this.size, hash)) return false;
    this.entries.set([length, hash, id], this.size * 3);
    this.size += 1;
    if (this.size * 3 > this.slots.length) this.rehash();
    return true;
  }

  private hashAt(at: number, length: number): number {
    const half = (from: number): number =>
      (Math.imul(this.bytes[from] as number, k0) +
        Math.imul(this.bytes[from + 1] as number, k1) +
        Math.imul(this.bytes[from + 2] as number, k2) +
        Math.imul(this.bytes[from + 3] as number, k3)) |
      0;
    return spread(mix(half(at), half(at + 4)) ^ length);
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
    if ((this.size + 1) * words <= this.bytes.length) return;
    const [bytes, entries] = [new Int32Array(this.bytes.length * 2), new Int32Array(this.entries.length * 2)];
    bytes.set(this.bytes);
    entries.set(this.entries);
    this.bytes = bytes;
    this.entries = entries;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4);
    for (let entry = 0; entry < this.size; entry += 1) this.place(entry, this.entries[entry * 3 + 1] as number);
  }
}
