import { mix, spread } from './byte-hash.js';

/** Small whole numbers for tuples of whole numbers, in the order in which they were first met. */
export class TupleIndex {
  count = 0;
  private tuples: Int32Array;
  private slots = new Int32Array(64);

  /** @param most  further tuples get no number */
  constructor(
    private readonly width: number,
    private readonly most: number,
  ) {
    this.tuples = new Int32Array(16 * width);
  }

  /** @returns −1: it is new, and may not be learned or there are too many */
  numberOf(tuple: Int32Array, mayLearn = true): number {
    const mask = this.slots.length - 1;
    for (let slot = this.hashOf(tuple, 0) & mask; ; slot = (slot + 1) & mask) {
      const number = (this.slots[slot] as number) - 1;
      if (number < 0) return mayLearn && this.count < this.most ? this.learn(slot, tuple) : -1;
      if (this.isTuple(number, tuple)) return number;
    }
  }

  private hashOf(tuple: Int32Array, from: number): number {
    let hash = this.width;
    for (let index = 0; index < this.width; index += 1) hash = mix(hash, tuple[from + index] as number);
    return spread(hash);
  }

  private isTuple(number: number, tuple: Int32Array): boolean {
    const at = number * this.width;
    for (let index = 0; index < this.width; index += 1) if (this.tuples[at + index] !== tuple[index]) return false;
    return true;
  }

  private learn(slot: number, tuple: Int32Array): number {
    const number = this.count++;
    if (this.count * this.width > this.tuples.length) {
      const larger = new Int32Array(this.tuples.length * 2);
      larger.set(this.tuples);
      this.tuples = larger;
    }
    this.tuples.set(tuple, number * this.width);
    this.slots[slot] = number + 1;
    if (this.count * 2 > this.slots.length) this.rehash();
    return number;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4);
    const mask = this.slots.length - 1;
    for (let number = 0; number < this.count; number += 1) {
      let slot = this.hashOf(this.tuples, number * this.width) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = number + 1;
    }
  }
}
