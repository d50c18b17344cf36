import type { ExponentialHistogram } from '../statistics/index.js';
import { spanScale } from './exponential-index.js';

type Counts = Uint16Array | Uint32Array | Float64Array;

/** Buckets are taken so many at once: a cell grows a few times, and has few that it does not need. */
const step = 8;

/** Adds up bucket runs of scale 5, in place and in as few bytes as the counts need: most buckets of most cells count to less than a hundred. */
export class BucketSums {
  private zeroCount = 0;
  /** bucket of the first of `counts` */
  private first = 0;
  private counts: Counts = nothing;
  /** buckets that were added, `[from, to)` */
  private from = 0;
  private to = 0;
  /** no count is larger */
  private most = 0;

  /**
   * Adds `length` counts, `values[first]` being the one of bucket `offset`.
   *
   * @param observations  at least as many as the largest of the counts: whatever it is, there is room for the sums
   */
  add(observations: number, zeroCount: number, offset: number, values: ArrayLike<number>, first: number, length: number): void {
    this.zeroCount += zeroCount;
    if (length === 0) return;
    this.most += observations;
    this.reach(offset, offset + length);
    const { counts } = this;
    const shift = offset - this.first;
    for (let index = 0; index < length; index += 1) {
      counts[shift + index] = (counts[shift + index] as number) + (values[first + index] as number);
    }
  }

  toHistogram(): ExponentialHistogram {
    const counts: number[] = [];
    for (let bucket = this.from; bucket < this.to; bucket += 1) counts.push(this.counts[bucket - this.first] as number);
    return { kind: 'exponential', scale: spanScale, zeroCount: this.zeroCount, offset: this.from, counts };
  }

  private reach(from: number, to: number): void {
    const isEmpty = this.to === this.from;
    this.from = isEmpty ? from : Math.min(this.from, from);
    this.to = isEmpty ? to : Math.max(this.to, to);
    const { counts, first } = this;
    const isRoom = this.from >= first && this.to <= first + counts.length;
    if (isRoom && this.most < 256 ** counts.BYTES_PER_ELEMENT) return;
    if (!isRoom) this.first = Math.floor(this.from / step) * step;
    const length = isRoom ? counts.length : Math.ceil((this.to - this.first) / step) * step;
    this.counts = this.most < 2 ** 16 ? new Uint16Array(length) : this.most < 2 ** 32 ? new Uint32Array(length) : new Float64Array(length);
    this.counts.set(counts, isEmpty ? 0 : first - this.first);
  }
}

const nothing = new Uint16Array(0);
