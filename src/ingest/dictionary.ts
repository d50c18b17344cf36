import { anyValueText } from './any-value.js';
import { hashOf, sameBytes } from './byte-hash.js';
import { longestShortValue, ShortValues } from './short-values.js';

/** Limits on what one dictionary remembers. */
export interface DictionaryLimits {
  readonly entries: number;
  readonly bytes: number;
}

const maxProbes = 32;

/**
 * Small whole numbers for attribute values, so that values are compared and stored as numbers.
 *
 * A value seen before is found by its encoded bytes, without decoding it. Id 0 is the empty text, which is also what an
 * attribute that is absent has. When the limits are reached new values get {@link Dictionary.overflow}.
 */
export class Dictionary {
  static readonly overflow = 1;

  /** text by id */
  texts: string[] = ['', ''];
  private ids = new Map<string, number>([['', 0]]);

  private short = new ShortValues();
  /** a short value at the end of a body, where there are not enough bytes behind it */
  private readonly padded = new DataView(new ArrayBuffer(longestShortValue));

  private slots: Int32Array;
  private arena = new DataView(new ArrayBuffer(1 << 16));
  private arenaUsed = 0;
  /** per longer value: where it starts in the arena, its length, its hash, the id of its text */
  private entries = new Int32Array(4 << 10);
  private entryCount = 0;

  constructor(private readonly limits: DictionaryLimits = { entries: 1 << 17, bytes: 1 << 24 }) {
    this.slots = new Int32Array(1 << 12);
  }

  /** More than half of what may be remembered is in use: time to start again at a moment when no id is in use. */
  get crowded(): boolean {
    return Math.max(this.valueCount, this.texts.length) * 2 > this.limits.entries || this.arenaUsed * 2 > this.limits.bytes;
  }

  private get valueCount(): number {
    return this.entryCount + this.short.size;
  }

  clear(): void {
    this.short = new ShortValues();
    this.texts = ['', ''];
    this.ids = new Map([['', 0]]);
    this.slots = new Int32Array(1 << 12);
    this.arena = new DataView(new ArrayBuffer(1 << 16));
    this.entries = new Int32Array(4 << 10);
    this.arenaUsed = 0;
    this.entryCount = 0;
  }

  idOfText(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    if (this.texts.length >= this.limits.entries) return Dictionary.overflow;
    const id = this.texts.length;
    this.texts.push(text);
    this.ids.set(text, id);
    return id;
  }

  /** @param from,to  where the encoded AnyValue stands in `view` */
  idOfValue(view: DataView, from: number, to: number): number {
    const length = to - from;
    if (length === 0) return 0;
    if (length > longestShortValue) return this.idOfLongValue(view, from, to);
    if (from + longestShortValue > view.byteLength) return this.idOfLastValue(view, from, length);
    const known = this.short.find(view, from, length);
    if (known >= 0) return known;
    return known === -1 ? this.learnShort(view, from, length) : Dictionary.overflow;
  }

  private idOfLastValue(view: DataView, from: number, length: number): number {
    for (let at = 0; at < length; at += 1) this.padded.setUint8(at, view.getUint8(from + at));
    return this.idOfValue(this.padded, 0, length);
  }

  private learnShort(view: DataView, from: number, length: number): number {
    if (this.valueCount >= this.limits.entries) return Dictionary.overflow;
    const id = this.idOfText(textAt(view, from, from + length));
    return this.short.add(view, from, length, id) ? id : Dictionary.overflow;
  }

  private idOfLongValue(view: DataView, from: number, to: number): number {
    const { slots, entries, arena } = this;
    const hash = hashOf(view, from, to);
    const mask = slots.length - 1;
    for (let probe = 0; probe < maxProbes; probe += 1) {
      const slot = (hash + probe) & mask;
      const entry = slots[slot] as number;
      if (entry === 0) return this.learn(slot, hash, view, from, to);
      const at = (entry - 1) * 4;
      const isIt = entries[at + 2] === hash && entries[at + 1] === to - from;
      if (isIt && sameBytes(arena, entries[at] as number, view, from, to - from)) return entries[at + 3] as number;
    }
    return Dictionary.overflow; // values made to collide must not make us slow
  }

  private learn(slot: number, hash: number, view: DataView, from: number, to: number): number {
    const length = to - from;
    if (this.valueCount >= this.limits.entries || this.arenaUsed + length > this.limits.bytes) return Dictionary.overflow;
    const id = this.idOfText(textAt(view, from, to));
    this.reserve(length);
    new Uint8Array(this.arena.buffer).set(new Uint8Array(view.buffer, view.byteOffset + from, length), this.arenaUsed);
    this.entries.set([this.arenaUsed, length, hash, id], this.entryCount * 4);
    this.arenaUsed += length;
    this.entryCount += 1;
    this.slots[slot] = this.entryCount;
    if (this.entryCount * 2 > this.slots.length) this.rehash();
    return id;
  }

  private reserve(length: number): void {
    const { arena } = this;
    if (this.arenaUsed + length > arena.byteLength) {
      const larger = new Uint8Array(Math.max(arena.byteLength * 2, this.arenaUsed + length));
      larger.set(new Uint8Array(arena.buffer));
      this.arena = new DataView(larger.buffer);
    }
    if ((this.entryCount + 1) * 4 > this.entries.length) {
      const larger = new Int32Array(this.entries.length * 2);
      larger.set(this.entries);
      this.entries = larger;
    }
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4);
    const mask = this.slots.length - 1;
    for (let entry = 0; entry < this.entryCount; entry += 1) {
      const hash = this.entries[entry * 4 + 2] as number;
      for (let probe = 0; probe < maxProbes; probe += 1) {
        const slot = (hash + probe) & mask;
        if (this.slots[slot] !== 0) continue;
        this.slots[slot] = entry + 1;
        break;
      }
    }
  }
}

const textAt = (view: DataView, from: number, to: number): string =>
  anyValueText(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), from, to);
