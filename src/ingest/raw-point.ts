import type { KnownAttributes } from './known-attributes.js';

/** One point as it was sent, in either encoding; moments in two halves of 32 bits. One is used for point after point. */
export class RawPoint {
  readonly attributes: KnownAttributes[] = [];
  startHigh = 0;
  startLow = 0;
  timeHigh = 0;
  timeLow = 0;
  flags = 0;
  /** of a gauge or sum; null: the point has none */
  number: number | null = null;
  count = 0;
  /** null: not given */
  sum: number | null = null;
  /** the first ones: no more than show that there are too many */
  bucketCounts: number[] = none;
  bounds: readonly number[] = none;
  scale = 0;
  zeroCount = 0;
  offset = 0;
  negativeCount = 0;

  clear(): void {
    this.attributes.length = 0;
    this.startHigh = 0;
    this.startLow = 0;
    this.timeHigh = 0;
    this.timeLow = 0;
    this.flags = 0;
    this.number = null;
    this.count = 0;
    this.sum = null;
    this.bucketCounts = none;
    this.bounds = none;
    this.scale = 0;
    this.zeroCount = 0;
    this.offset = 0;
    this.negativeCount = 0;
  }
}

/** Never written to: histograms bring lists of their own. */
const none: number[] = [];
