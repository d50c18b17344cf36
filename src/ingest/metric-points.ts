import type { Histogram } from '../statistics/index.js';
import type { KnownAttributes } from './known-attributes.js';
import type { ObservationBatch, PointObservation, PointValue, Refusal } from './observation-batch.js';
import { identifyPoint } from './point-fingerprint.js';
import { addIdentity, type Identity, identityOfText, joinIdentities, nameOfIdentity } from './stream-identity.js';
import { millisecondsBefore, millisecondsOf } from './timestamp.js';

/** What the points of one metric have in common. */
export interface MetricHead {
  readonly name: string;
  readonly form: 'gauge' | 'sum' | 'histogram' | 'exponential' | 'summary';
  /** OTLP's number: 1 delta, 2 cumulative */
  readonly temporality: number;
  readonly monotonic: boolean;
}

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
  bounds: number[] = none;
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

export const maxBuckets = 200;
const [smallestScale, largestScale] = [-10, 20];
const noRecordedValue = 1;

/** Summaries have no temporality: they count since their start. */
const counter = { form: 'sum', temporality: 2, monotonic: true } as const;

/**
 * Checks the points of metrics and puts them into a batch.
 *
 * Refused are: numbers that are not finite, counters and histograms with negative values, histograms whose parts
 * contradict each other, more than 200 buckets, scales outside −10..20, and delta sums that may fall (they have no level).
 *
 * Quantiles of two summaries cannot be merged and are left out; what a summary counted and summed up becomes two cumulative
 * counters, named as Prometheus names them: `NAME_count` and `NAME_sum`.
 *
 * A request may have as many points as a batch takes, and four times as many resources, scopes, metrics and data of metrics: whoever
 * reads steps over the rest ({@link MetricPoints.isFull}) and says how many points it was.
 */
export class MetricPoints {
  /** summaries of this request, of which the quantiles were left out */
  summaries = 0;
  private offered = 0;
  private parts = 0;
  private resourceLabels: readonly string[];
  private readonly resource: Identity = new Int32Array(4);
  private readonly scope: Identity = new Int32Array(4);
  private readonly metric: Identity = new Int32Array(4);
  private readonly own: Identity = new Int32Array(4);
  private readonly stream: Identity = new Int32Array(4);
  private readonly noLabels: readonly string[];
  private head: MetricHead = { name: '', ...counter };

  constructor(readonly batch: ObservationBatch) {
    this.noLabels = batch.resolver.labels.map(() => '');
    this.resourceLabels = this.noLabels;
  }

  clear(): void {
    this.summaries = 0;
    this.offered = 0;
    this.parts = 0;
  }

  /** No further part or point of this request is looked at. */
  get isFull(): boolean {
    return this.offered >= this.batch.maxObservations || this.hasTooManyParts;
  }

  private get hasTooManyParts(): boolean {
    return this.parts >= 4 * this.batch.maxObservations;
  }

  /** What was left of a request that {@link isFull}; where it were parts without a single point the answer still says so. */
  steppedOver(parts: number, points: number): void {
    if (points > 0) this.batch.refuse(tooMany, points);
    else if (parts > 0 && this.hasTooManyParts && !this.batch.refused.has(tooMany)) this.batch.refuse(tooMany);
  }

  /** One more part of the request: a resource, a scope, a metric or its data. */
  startPart(): void {
    this.parts += 1;
  }

  startResource(attributes: readonly KnownAttributes[]): void {
    this.startPart();
    sumOf(this.resource, attributes);
    this.resourceLabels = labelsOver(this.noLabels, attributes);
  }

  startScope(name: string, version: string, attributes: readonly KnownAttributes[]): void {
    this.startPart();
    sumOf(this.own, attributes);
    joinIdentities(this.scope, this.resource, identityOfText(JSON.stringify([name, version])));
    joinIdentities(this.scope, this.scope, this.own);
  }

  startMetric(head: MetricHead): void {
    this.startPart();
    this.useHead(head);
  }

  add(point: RawPoint): void {
    this.offered += 1;
    if ((point.flags & noRecordedValue) !== 0) return; // says only that the stream has ended
    if (this.head.form === 'summary') this.addSummary(this.head, point);
    else this.check(point);
  }

  private useHead(head: MetricHead): void {
    this.head = head;
    joinIdentities(this.metric, this.scope, identityOfText(`${head.name}\n${head.form}`));
  }

  private addSummary(head: MetricHead, point: RawPoint): void {
    const { count, sum } = point;
    this.summaries += 1;
    this.useHead({ ...counter, name: `${head.name}_count` });
    point.number = count;
    this.check(point);
    this.useHead({ ...counter, name: `${head.name}_sum` });
    point.number = sum ?? 0;
    if (point.number >= 0 || Number.isNaN(point.number)) this.check(point);
    this.head = head;
  }

  private check(point: RawPoint): void {
    const value = checkedValue(this.head, point);
    if (typeof value === 'string') this.batch.refuse(value);
    else this.keep(point, value);
  }

  private keep(point: RawPoint, value: PointValue): void {
    const { batch, stream, own, head } = this;
    sumOf(own, point.attributes);
    joinIdentities(stream, this.metric, own);
    const { startHigh, startLow, timeHigh, timeLow } = point;
    const observation: PointObservation = {
      stream: nameOfIdentity(stream),
      instrument: head.name,
      temporality: value.kind === 'gauge' ? 'level' : head.temporality === 1 ? 'delta' : 'cumulative',
      startNs: startHigh * 2 ** 32 + startLow,
      timeNs: timeHigh * 2 ** 32 + timeLow,
      atMs: value.kind === 'gauge' ? millisecondsOf(timeHigh, timeLow) : millisecondsBefore({ high: timeHigh, low: timeLow }),
      labels: labelsOver(this.resourceLabels, point.attributes),
      value,
    };
    identifyPoint(batch, stream, point, value);
    batch.point(observation);
  }
}

const tooMany: Refusal = 'too many in one request';

function sumOf(sum: Identity, attributes: readonly KnownAttributes[]): void {
  sum.fill(0);
  for (const { identity } of attributes) addIdentity(sum, identity);
}

/** Texts by label: of the attributes themselves, else those that were there before. */
function labelsOver(before: readonly string[], attributes: readonly KnownAttributes[]): readonly string[] {
  const own = before.slice();
  for (const { labels, texts } of attributes) {
    for (let index = 0; index < labels.length; index += 1) own[labels[index] as number] = texts[index] as string;
  }
  return own;
}

function checkedValue(head: MetricHead, point: RawPoint): PointValue | Refusal {
  switch (head.form) {
    case 'gauge':
      return levelOf(point);
    case 'sum':
      return counterOf(head, point);
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

function counterOf(head: MetricHead, point: RawPoint): PointValue | Refusal {
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
