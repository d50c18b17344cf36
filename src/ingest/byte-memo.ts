import { hashOf, sameBytes } from './byte-hash.js';

const maxProbes = 32;
const fewestSlots = 1 << 10;
const usualLimits = { entries: 1 << 15, bytes: 1 << 22 };

/**
 * What was made of bytes that come again and again, found without decoding them. When it is full it starts again with nothing.
 *
 * Bytes made to collide are not kept, so that nobody can make it slow.
 */
export class ByteMemo<Value> {
  private slots = new Int32Array(fewestSlots);
  private values: Value[] = [];
  /** per value: where its bytes start in the arena, how many they are, their hash */
  private places = new Int32Array(3 * (fewestSlots / 2));
  private arena = new DataView(new ArrayBuffer(1 << 14));
  private used = 0;

  constructor(private readonly limits: { readonly entries: number; readonly bytes: number } = usualLimits) {}

  get size(): number {
    return this.values.length;
  }

  /** @param from,to  where the bytes stand in `view`. @returns undefined: they are not known */
  find(view: DataView, from: number, to: number): Value | undefined {
    const { slots, places } = this;
    const hash = hashOf(view, from, to);
    const mask = slots.length - 1;
    for (let probe = 0; probe < maxProbes; probe += 1) {
      const value = (slots[(hash + probe) & mask] as number) - 1;
      if (value < 0) return undefined;
      const at = value * 3;
      const isIt = places[at + 2] === hash && places[at + 1] === to - from;
      if (isIt && sameBytes(this.arena, places[at] as number, view, from, to - from)) return this.values[value];
    }
    return undefined;
  }

  /** Keeps what was made of bytes that {@link find} did not know. @returns it */
  keep(view: DataView, from: number, to: number, made: Value): Value {
    const length = to - from;
    if (length > this.limits.bytes / 8) return made;
    if (this.values.length >= this.limits.entries || this.used + length > this.limits.bytes) this.clear();
    const hash = hashOf(view, from, to);
    if (!this.place(this.values.length, hash)) return made;
    this.reserve(length);
    new Uint8Array(this.arena.buffer).set(new Uint8Array(view.buffer, view.byteOffset + from, length), this.used);
    this.places.set([this.used, length, hash], this.values.length * 3);
    this.used += length;
    this.values.push(made);
    if (this.values.length * 2 > this.slots.length) this.rehash();
    return made;
  }

  private clear(): void {
    this.slots = new Int32Array(fewestSlots);
    this.values = [];
    this.used = 0;
  }

  private place(value: number, hash: number): boolean {
    const mask = this.slots.length - 1;
    for (let probe = 0; probe < maxProbes; probe += 1) {
      const slot = (hash + probe) & mask;
      if (this.slots[slot] !== 0) continue;
      this.slots[slot] = value + 1;
      return true;
    }
    return false;
  }

  private reserve(length: number): void {
    if (this.used + length > this.arena.byteLength) {
      const larger = new Uint8Array(Math.max(this.arena.byteLength * 2, this.used + length));
      larger.set(new Uint8Array(this.arena.buffer));
      this.arena = new DataView(larger.buffer);
    }
    if ((this.values.length + 1) * 3 > this.places.length) {
      const larger = new Int32Array(this.places.length * 2);
      larger.set(this.places);
      this.places = larger;
    }
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4);
    for (let value = 0; value < this.values.length; value += 1) this.place(value, this.places[value * 3 + 2] as number);
  }
}
