import type { ExponentialHistogram } from '../statistics/index.js';
import { spanScale } from './exponential-index.js';

/** Adds up bucket runs of scale 5, in place. */
export class BucketSums {
  private zeroCount = 0;
  private offset = 0;
  private counts: number[] = [];

  /** Adds `length` counts, `values[first]` being the one of bucket `offset`. */
  add(zeroCount: number, offset: number, values: ArrayLike<number>, first: number, length: number): void {
    this.zeroCount += zeroCount;
    if (length === 0) return;
    this.reach(offset, offset + length);
    const { counts } = this;
    const shift = offset - this.offset;
    for (let index = 0; index < length; index += 1) {
      counts[shift + index] = (counts[shift + index] as number) + (values[first + index] as number);
    }
  }

  toHistogram(): ExponentialHistogram {
    return { kind: 'exponential', scale: spanScale, zeroCount: this.zeroCount, offset: this.offset, counts: this.counts };
  }

  private reach(from: number, to: number): void {
    if (this.counts.length === 0) this.offset = from;
    const before = Math.max(0, this.offset - from);
    if (before > 0) {
      this.counts = [...new Array<number>(before).fill(0), ...this.counts];
      this.offset = from;
    }
    while (this.offset + this.counts.length < to) this.counts.push(0);
  }
}
