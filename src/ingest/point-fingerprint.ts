import { mix } from './byte-hash.js';
import type { KnownAttributes } from './known-attributes.js';
import type { ObservationBatch, PointValue } from './observation-batch.js';
import type { RawPoint } from './raw-point.js';

const number = new Float64Array(1);
const words = new Int32Array(number.buffer);
let [high, low] = [0, 0];

/** Tells a request by its points: their streams, times and values. */
export function identifyPoint(
  batch: ObservationBatch,
  { streamHigh, streamLow }: KnownAttributes,
  point: RawPoint,
  value: PointValue,
): void {
  high = streamHigh;
  low = streamLow;
  addWord(point.startHigh);
  addWord(point.startLow);
  addWord(point.timeHigh);
  addWord(point.timeLow);
  if (value.kind === 'histogram') addHistogram(point);
  else addNumber(value.value);
  batch.identify(high, low);
}

function addHistogram({ count, sum, scale, zeroCount, offset, bucketCounts }: RawPoint): void {
  addNumber(count);
  addNumber(sum ?? Number.NaN);
  addNumber(scale);
  addNumber(zeroCount);
  addNumber(offset);
  for (let index = 0; index < bucketCounts.length; index += 1) addNumber(bucketCounts[index] as number);
}

function addNumber(value: number): void {
  number[0] = value;
  addWord(words[0] as number);
  addWord(words[1] as number);
}

function addWord(word: number): void {
  high = mix(high, word);
  low = Math.imul(((low << 11) | (low >>> 21)) ^ word, 0xc2b2ae35);
}
