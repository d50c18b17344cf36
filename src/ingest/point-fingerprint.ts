import { mix } from './byte-hash.js';
import type { RawPoint } from './metric-points.js';
import type { ObservationBatch, PointValue } from './observation-batch.js';
import type { Identity } from './stream-identity.js';

const number = new Float64Array(1);
const words = new Int32Array(number.buffer);
let [high, low] = [0, 0];

/** Tells a request by its points: their streams, times and values. */
export function identifyPoint(batch: ObservationBatch, stream: Identity, point: RawPoint, value: PointValue): void {
  high = stream[0] as number;
  low = stream[1] as number;
  addWord(stream[2] as number);
  addWord(stream[3] as number);
  addWord(point.startHigh);
  addWord(point.startLow);
  addWord(point.timeHigh);
  addWord(point.timeLow);
  if (value.kind === 'histogram') addHistogram(point);
  else addNumber(value.value);
  batch.identify(high, low);
}

function addHistogram({ count, sum, scale, zeroCount, offset, bucketCounts, bounds }: RawPoint): void {
  addNumber(count);
  addNumber(sum ?? Number.NaN);
  addNumber(scale);
  addNumber(zeroCount);
  addNumber(offset);
  for (const each of bucketCounts) addNumber(each);
  for (const each of bounds) addNumber(each);
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
