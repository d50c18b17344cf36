import { createHash } from 'node:crypto';
import type { Histogram } from '../statistics/index.js';
import { type PlainValue, textOfPlain } from './any-value.js';
import type { ObservationBatch, PointObservation, PointValue, Refusal } from './observation-batch.js';
import { type Moment, millisecondsBefore, millisecondsOf } from './timestamp.js';

export type PlainAttributes = readonly (readonly [key: string, value: PlainValue])[];

/** What the points of one metric have in common. */
export interface MetricHead {
  readonly name: string;
  readonly form: 'gauge' | 'sum' | 'histogram' | 'exponential' | 'summary';
  /** OTLP's number: 1 delta, 2 cumulative */
  readonly temporality: number;
  readonly monotonic: boolean;
}

/** One point as it was sent, in either encoding. */
export interface RawPoint {
  readonly attributes: PlainAttributes;
  readonly start: Moment;
  readonly time: Moment;
  readonly flags: number;
  /** of a gauge or sum; null: the point has none */
  readonly number: number | null;
  readonly count: number;
  /** null: not given */
  readonly sum: number | null;
  readonly bucketCounts: readonly number[];
  readonly bounds: readonly number[];
  readonly scale: number;
  readonly zeroCount: number;
  readonly offset: number;
  readonly negativeCount: number;
}

export const emptyPoint: RawPoint = {
  attributes: [],
  start: { high: 0, low: 0 },
  time: { high: 0, low: 0 },
  flags: 0,
  number: null,
  count: 0,
  sum: null,
  bucketCounts: [],
  bounds: [],
  scale: 0,
  zeroCount: 0,
  offset: 0,
  negativeCount: 0,
};

const maxBuckets = 200;
const longestName = 200;
const [smallestScale, largestScale] = [-10, 20];
const noRecordedValue = 1;

/**
 * Checks the points of metrics and puts them into a batch.
 *
 * Refused are: numbers that are not finite, counters and histograms with negative values, histograms whose parts
 * contradict each other, more than 200 buckets, scales outside −10..20, and delta sums that may fall (they have no level).
 *
 * Quantiles of two summaries cannot be merged and are left out; what a summary counted and summed up becomes two cumulative
 * counters, named as Prometheus names them: `NAME_count` and `NAME_sum`.
 */
export class MetricPoints {
  /** summaries of this request, of which the quantiles were left out */
  summaries = 0;
  private resource = '';
  private resourceLabels: ReadonlyMap<number, string> = new Map();
  private scope = '';

  constructor(private readonly batch: ObservationBatch) {}

  clear(): void {
    this.summaries = 0;
  }

  startResource(attributes: PlainAttributes): void {
    this.resource = identityOf(attributes);
    this.resourceLabels = this.labelsOf(attributes);
  }

  startScope(name: string, version: string, attributes: PlainAttributes): void {
    this.scope = JSON.stringify([name, version, identityOf(attributes)]);
  }

  add(head: MetricHead, point: RawPoint): void {
    if ((point.flags & noRecordedValue) !== 0) return; // says only that the stream has ended
    if (head.form === 'summary') {
      this.addSummary(head.name, point);
      return;
    }
    const value = checkedValue(head, point);
    if (typeof value === 'string') this.batch.refuse(value);
    else this.batch.point(this.observation(head, point, value));
  }

  private addSummary(name: string, point: RawPoint): void {
    const { count, sum } = point;
    this.summaries += 1;
    this.add({ ...counter, name: `${name}_count` }, { ...point, number: count });
    if (sum === null || sum >= 0) this.add({ ...counter, name: `${name}_sum` }, { ...point, number: sum ?? 0 });
  }

  private observation(head: MetricHead, point: RawPoint, value: PointValue): PointObservation {
    const own = this.labelsOf(point.attributes);
    return {
      stream: shortened(`${head.name}\n${head.form}\n${identityOf(point.attributes)}\n${this.scope}\n${this.resource}`),
      instrument: head.name,
      temporality: value.kind === 'gauge' ? 'level' : head.temporality === 1 ? 'delta' : 'cumulative',
      startNs: nanosecondsOf(point.start),
      timeNs: nanosecondsOf(point.time),
      atMs: value.kind === 'gauge' ? millisecondsOf(point.time.high, point.time.low) : millisecondsBefore(point.time),
      labels: this.batch.resolver.labels.map((_, label) => own.get(label) ?? this.resourceLabels.get(label) ?? ''),
      value,
    };
  }

  /** Texts of the attributes that the plan asks for, by label. */
  private labelsOf(attributes: PlainAttributes): Map<number, string> {
    const { resolver } = this.batch;
    const texts = new Map<number, string>();
    for (const [key, value] of attributes) {
      const label = resolver.named(key)?.label ?? -1;
      if (label >= 0) texts.set(label, textOfPlain(value));
    }
    return texts;
  }
}

/** Summaries have no temporality: they count since their start. */
const counter = { form: 'sum', temporality: 2, monotonic: true } as const;

/** Attributes in one order, however they were sent. */
const identityOf = (attributes: PlainAttributes): string =>
  JSON.stringify(attributes.length < 2 ? attributes : [...attributes].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** Names of streams are remembered for an hour, many of them, and attributes can be long. */
const shortened = (name: string): string => (name.length > longestName ? createHash('sha256').update(name).digest('base64') : name);

const nanosecondsOf = ({ high, low }: Moment): number => high * 2 ** 32 + low;

function checkedValue(head: MetricHead, point: RawPoint): PointValue | Refusal {
  switch (head.form) {
    case 'gauge':
      return levelOf(point);
    case 'sum':
      return sumOf(head, point);
    case 'histogram':
      return temporalityKnown(head) ? explicitOf(point) : 'unsupported kind of metric';
    case 'exponential':
      return temporalityKnown(head) ? exponentialOf(point) : 'unsupported kind of metric';
    case 'summary':
      throw new RangeError('a summary is two counters, and each of them is checked');
  }
}

const temporalityKnown = ({ temporality }: MetricHead): boolean => temporality === 1 || temporality === 2;

function levelOf({ number }: RawPoint): PointValue | Refusal {
  return number !== null && Number.isFinite(number) ? { kind: 'gauge', value: number } : 'bad value';
}

function sumOf(head: MetricHead, point: RawPoint): PointValue | Refusal {
  if (!head.monotonic) return head.temporality === 1 ? 'unsupported kind of metric' : levelOf(point);
  if (!temporalityKnown(head)) return 'unsupported kind of metric';
  const { number } = point;
  return number !== null && number >= 0 && Number.isFinite(number) ? { kind: 'sum', value: number } : 'bad value';
}

function explicitOf({ bounds, bucketCounts, count, sum }: RawPoint): PointValue | Refusal {
  if (bucketCounts.length > maxBuckets || bounds.length > maxBuckets) return 'too many buckets';
  const counts = bucketCounts.length === 0 ? [count] : bucketCounts;
  const edges = bucketCounts.length === 0 ? [] : bounds;
  const total = counts.reduce((all, each) => all + each, 0);
  const ascending = edges.every((bound, index) => Number.isFinite(bound) && (index === 0 || bound > (edges[index - 1] as number)));
  if (counts.length !== edges.length + 1 || total !== count || !ascending || !isSum(sum)) return 'bad value';
  return distributionOf({ kind: 'explicit', bounds: edges, counts }, sum);
}

function exponentialOf({ scale, zeroCount, offset, bucketCounts, negativeCount, count, sum }: RawPoint): PointValue | Refusal {
  if (bucketCounts.length > maxBuckets || scale < smallestScale || scale > largestScale) return 'too many buckets';
  const total = bucketCounts.reduce((all, each) => all + each, zeroCount);
  if (negativeCount > 0 || total !== count || !isSum(sum)) return 'bad value';
  return distributionOf({ kind: 'exponential', scale, zeroCount, offset, counts: bucketCounts }, sum);
}

/** A histogram may be sent without its sum. */
const isSum = (sum: number | null): boolean => sum === null || Number.isFinite(sum);

const distributionOf = (histogram: Histogram, sum: number | null): PointValue => ({
  kind: 'histogram',
  histogram,
  sum: sum ?? Number.NaN,
});
