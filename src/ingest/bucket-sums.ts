import type { ExponentialHistogram } from '../statistics/index.js';
import { spanScale } from './exponential-index.js';

/** Adds up bucket runs of scale 5, in place. */
export class BucketSums {
  private zeroCount = 0;
  private offset = 0;
  private counts: number[] = [];

  add(zeroCount: number, offset: number, counts: ArrayLike<number>): void {
    this.zeroCount += zeroCount;
    if (counts.length === 0) return;
    this.reach(offset, offset + counts.length);
    for (let index = 0; index < counts.length; index += 1) {
      const at = offset - this.offset + index;
      this.counts[at] = (this.counts[at] as number) + (counts[index] as number);
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
