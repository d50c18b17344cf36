import type { Histogram } from '../statistics/index.js';
import { mix, spread } from './byte-hash.js';
import type { CohortResolver } from './cohort-resolver.js';
import type { Dictionary } from './dictionary.js';
import { millisecondsOf, nanosecondsBetween } from './timestamp.js';

/** Why an observation was not counted; `assay_otlp_spans` and the partial success of an answer name it. */
export type Refusal =
  | 'too old'
  | 'too far in the future'
  | 'bad value'
  | 'unsupported kind of metric'
  | 'too many buckets'
  | 'too many in one request';

export const notCounted = -1;

/** What a point of a metric says. `increase` and `distribution` are of the time since `startMs`. */
export type PointValue =
  | { readonly kind: 'sum'; readonly value: number }
  | { readonly kind: 'gauge'; readonly value: number }
  | { readonly kind: 'histogram'; readonly histogram: Histogram; readonly sum: number };

/** One point of one metric stream, checked. */
export interface PointObservation {
  /** resource, scope, instrument and all attributes: two points with the same text are of the same stream */
  readonly stream: string;
  readonly instrument: string;
  /** cumulative: since `startNs`; delta: since the point before; level: at this moment */
  readonly temporality: 'cumulative' | 'delta' | 'level';
  /** nanoseconds since the epoch, to about 256 ns; 0: not known */
  readonly startNs: number;
  readonly timeNs: number;
  /** millisecond in which the time that the point speaks of ends */
  readonly atMs: number;
  /** by the plan's attributes; '' where the point has none */
  readonly labels: readonly string[];
  readonly value: PointValue;
}

/**
 * Where both readers put what they find: all observations of one request, in columns, before anything is counted.
 * A request that turns out malformed half-way thus counts nothing, and one that was sent twice can be told.
 *
 * One batch is used for one request after another; for spans nothing is allocated once the columns have grown.
 */
export class ObservationBatch {
  spanCount = 0;
  points: PointObservation[] = [];
  /** ids of texts, `labelCount` per span */
  labels = new Int32Array(0);
  /** numbers, `valueCount` per span; NaN where the span has none */
  values = new Float64Array(0);
  endMs = new Float64Array(0);
  durationNs = new Float64Array(0);
  /** where it is counted; {@link notCounted}: nowhere. Known once all was read */
  cells = new Int32Array(0);
  /** 1: it ended in an error */
  failed = new Uint8Array(0);
  /** where the 16 bytes of its trace id stand in `traceIds`; −1: it has none */
  traceAt = new Int32Array(0);
  traceIds: DataView = noBytes;
  readonly refused = new Map<Refusal, number>();

  readonly labelCount: number;
  readonly valueCount: number;
  private readonly resourceLabels: Int32Array;
  private readonly resourceValues: Float64Array;
  private readonly kindIds: readonly number[];
  private readonly statusIds: readonly number[];
  private capacity = 0;
  private fingerprintHigh = 0;
  private fingerprintLow = 0;
  private nameless = false;

  constructor(
    readonly resolver: CohortResolver,
    readonly dictionary: Dictionary,
    readonly maxObservations: number,
  ) {
    this.labelCount = resolver.labels.length;
    this.valueCount = resolver.values.length;
    this.resourceLabels = new Int32Array(this.labelCount);
    this.resourceValues = new Float64Array(this.valueCount);
    this.kindIds = spanKinds.map((kind) => dictionary.idOfText(kind));
    this.statusIds = spanStatuses.map((status) => dictionary.idOfText(status));
    this.grow(256);
  }

  clear(): void {
    this.spanCount = 0;
    this.points = [];
    if (this.refused.size > 0) this.refused.clear(); // an empty map would be given new memory
    this.fingerprintHigh = 0;
    this.fingerprintLow = 0;
    this.nameless = false;
    this.traceIds = noBytes;
  }

  get size(): number {
    return this.spanCount + this.points.length;
  }

  /** Tells a request that is sent again from a new one; null where it is empty, or spans have no ids to tell them by. */
  get fingerprint(): bigint | null {
    if (this.size === 0 || this.nameless) return null;
    fingerprintWords[0] = spread(this.fingerprintLow);
    fingerprintWords[1] = spread(this.fingerprintHigh);
    return fingerprintNumber[0] as bigint;
  }

  refuse(reason: Refusal, count = 1): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + count);
  }

  /** What follows until the next call comes from this resource. */
  startResource(): void {
    this.resourceLabels.fill(0);
    this.resourceValues.fill(Number.NaN);
  }

  resourceLabel(label: number, id: number): void {
    this.resourceLabels[label] = id;
  }

  resourceValue(value: number, number: number): void {
    this.resourceValues[value] = number;
  }

  /** Bytes or words that tell this request apart from others: 32 bits, or twice as many where it goes by them alone. */
  identify(word: number, other = word): void {
    const low = this.fingerprintLow;
    this.fingerprintHigh = mix(this.fingerprintHigh, word);
    this.fingerprintLow = Math.imul(((low << 13) | (low >>> 19)) ^ other, 0xc2b2ae35);
  }

  /** The request cannot be told from others that look like it. */
  withoutIdentity(): void {
    this.nameless = true;
  }

  /** @returns false: there are too many already, step over this one */
  startSpan(): boolean {
    if (this.spanCount >= this.maxObservations) {
      this.refuse('too many in one request');
      return false;
    }
    if (this.spanCount === this.capacity) this.grow(this.capacity * 2);
    const { labels, values, resourceLabels, resourceValues, labelCount, valueCount } = this;
    const firstLabel = this.spanCount * labelCount;
    const firstValue = this.spanCount * valueCount;
    for (let label = 0; label < labelCount; label += 1) labels[firstLabel + label] = resourceLabels[label] as number;
    for (let value = 0; value < valueCount; value += 1) values[firstValue + value] = resourceValues[value] as number;
    this.traceAt[this.spanCount] = -1;
    return true;
  }

  spanLabel(label: number, id: number): void {
    this.labels[this.spanCount * this.labelCount + label] = id;
  }

  spanValue(value: number, number: number): void {
    this.values[this.spanCount * this.valueCount + value] = number;
  }

  /** @param at  where its 16 bytes stand in `traceIds` */
  spanTrace(at: number): void {
    this.traceAt[this.spanCount] = at;
  }

  /** @param traceId  hexadecimal digits; an id of another length than 32 names no trace */
  spanTraceText(traceId: string): void {
    if (!/^[0-9a-f]{32}$/i.test(traceId)) return;
    const at = this.spanCount * 16;
    if (at + 16 > this.traceIds.byteLength) {
      const larger = new Uint8Array(this.capacity * 16);
      larger.set(new Uint8Array(this.traceIds.buffer));
      this.traceIds = new DataView(larger.buffer);
    }
    for (let word = 0; word < 4; word += 1)
      this.traceIds.setUint32(at + word * 4, Number.parseInt(traceId.slice(word * 8, word * 8 + 8), 16));
    this.spanTrace(at);
  }

  /** Lets go of the body, so that a batch kept for years does not keep the last one. */
  close(): void {
    this.traceIds = noBytes;
  }

  /**
   * Moments are nanoseconds since the epoch in two halves of 32 bits, as signed numbers: V8 keeps those without
   * allocating, wherever they go.
   *
   * @param kind,status  numbers of OTLP's enumerations
   */
  endSpan(kind: number, status: number, startHigh: number, startLow: number, endHigh: number, endLow: number): void {
    const durationNs = nanosecondsBetween(startHigh >>> 0, startLow >>> 0, endHigh >>> 0, endLow >>> 0);
    if (durationNs < 0 || (startHigh | startLow) === 0) {
      this.refuse('bad value');
      return;
    }
    const { kindLabel, statusLabel } = this.resolver;
    if (kindLabel >= 0) this.spanLabel(kindLabel, numbered(this.kindIds, kind));
    if (statusLabel >= 0) this.spanLabel(statusLabel, numbered(this.statusIds, status));
    this.failed[this.spanCount] = status === failedStatus ? 1 : 0;
    this.endMs[this.spanCount] = millisecondsOf(endHigh >>> 0, endLow >>> 0);
    this.durationNs[this.spanCount] = durationNs;
    this.spanCount += 1;
    this.identify(Math.imul(endLow, 0x85ebca6b) + startLow);
  }

  point(point: PointObservation): void {
    if (this.points.length >= this.maxObservations) this.refuse('too many in one request');
    else this.points.push(point);
  }

  private grow(capacity: number): void {
    this.labels = grown(this.labels, new Int32Array(capacity * this.labelCount));
    this.values = grown(this.values, new Float64Array(capacity * this.valueCount));
    this.endMs = grown(this.endMs, new Float64Array(capacity));
    this.durationNs = grown(this.durationNs, new Float64Array(capacity));
    this.cells = grown(this.cells, new Int32Array(capacity));
    this.failed = grown(this.failed, new Uint8Array(capacity));
    this.traceAt = grown(this.traceAt, new Int32Array(capacity));
    this.capacity = capacity;
  }
}

/** OTLP's kinds by number; unspecified counts as internal, as OTLP says. */
export const spanKinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export const spanStatuses = ['unset', 'ok', 'error'] as const;

const fingerprintNumber = new BigUint64Array(1);
const fingerprintWords = new Int32Array(fingerprintNumber.buffer);
const failedStatus = 2;
const noBytes = new DataView(new ArrayBuffer(0));

/** A number that nobody knows stands for 0. */
const numbered = (ids: readonly number[], number: number): number => ids[number >= 0 && number < ids.length ? number : 0] as number;

function grown<Column extends Uint8Array | Int32Array | Float64Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
