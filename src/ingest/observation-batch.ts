import type { Histogram } from '../statistics/index.js';
import type { CohortResolver } from './cohort-resolver.js';
import { type Dictionary, mix } from './dictionary.js';
import { millisecondsOf, nanosecondsBetween } from './timestamp.js';

/** Why an observation was not counted; `assay_otlp_spans` and the partial success of an answer name it. */
export type Refusal =
  | 'too old'
  | 'too far in the future'
  | 'bad value'
  | 'unsupported kind of metric'
  | 'too many buckets'
  | 'too many in one request';

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
    private readonly maxObservations: number,
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
    this.refused.clear();
    this.fingerprintHigh = 0;
    this.fingerprintLow = 0;
    this.nameless = false;
  }

  get size(): number {
    return this.spanCount + this.points.length;
  }

  /** Tells a request that is sent again from a new one; null where spans have no ids to tell them by. */
  get fingerprint(): bigint | null {
    if (this.spanCount === 0 || this.nameless) return null;
    return (BigInt(this.fingerprintHigh >>> 0) << 32n) | BigInt(this.fingerprintLow >>> 0);
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

  /** Bytes or words that tell this request apart from others. */
  identify(word: number): void {
    this.fingerprintHigh = mix(this.fingerprintHigh, word);
    this.fingerprintLow = mix(this.fingerprintLow ^ 0x27d4eb2f, word);
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
    this.labels.set(this.resourceLabels, this.spanCount * this.labelCount);
    if (this.valueCount > 0) this.values.set(this.resourceValues, this.spanCount * this.valueCount);
    return true;
  }

  spanLabel(label: number, id: number): void {
    this.labels[this.spanCount * this.labelCount + label] = id;
  }

  spanValue(value: number, number: number): void {
    this.values[this.spanCount * this.valueCount + value] = number;
  }

  /** @param kind,status  numbers of OTLP's enumerations */
  endSpan(kind: number, status: number, startHigh: number, startLow: number, endHigh: number, endLow: number): void {
    const durationNs = nanosecondsBetween(startHigh, startLow, endHigh, endLow);
    if (!(durationNs >= 0) || (startHigh === 0 && startLow === 0)) {
      this.refuse('bad value');
      return;
    }
    const { kindLabel, statusLabel } = this.resolver;
    if (kindLabel >= 0) this.spanLabel(kindLabel, this.kindIds[kind] ?? (this.kindIds[0] as number));
    if (statusLabel >= 0) this.spanLabel(statusLabel, this.statusIds[status] ?? (this.statusIds[0] as number));
    this.endMs[this.spanCount] = millisecondsOf(endHigh, endLow);
    this.durationNs[this.spanCount] = durationNs;
    this.spanCount += 1;
    this.identify(endLow);
    this.identify(startLow);
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
    this.capacity = capacity;
  }
}

/** OTLP's kinds by number; unspecified counts as internal, as OTLP says. */
export const spanKinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export const spanStatuses = ['unset', 'ok', 'error'] as const;

function grown<Column extends Int32Array | Float64Array>(old: Column, larger: Column): Column {
  larger.set(old);
  return larger;
}
