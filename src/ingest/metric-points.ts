import type { Histogram } from '../statistics/index.js';
import { allOf, type KnownAttributes } from './known-attributes.js';
import type { ObservationBatch, PointObservation, PointValue, Refusal } from './observation-batch.js';
import { identifyPoint } from './point-fingerprint.js';
import type { RawPoint } from './raw-point.js';
import { type Identity, identityOfText, joinIdentities, nameOfIdentity } from './stream-identity.js';
import { millisecondsBefore, millisecondsOf } from './timestamp.js';

/** What the points of one metric have in common. */
export interface MetricHead {
  readonly name: string;
  readonly form: 'gauge' | 'sum' | 'histogram' | 'exponential' | 'summary';
  /** OTLP's number: 1 delta, 2 cumulative */
  readonly temporality: number;
  readonly monotonic: boolean;
}

export const maxBuckets = 200;
const [smallestScale, largestScale] = [-10, 20];
const noRecordedValue = 1;
const rememberedMetrics = 10_000;

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
  private metric: Identity = new Int32Array(4);
  /** by their names: the same object for the same metric, so that attributes know it again */
  private readonly metrics = new Map<string, Identity>();
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
    const all = allOf(attributes);
    this.resource.set(all.identity);
    this.resourceLabels = all.labelsOver(this.noLabels);
  }

  startScope(name: string, version: string, attributes: readonly KnownAttributes[]): void {
    this.startPart();
    joinIdentities(this.scope, this.resource, identityOfText(JSON.stringify([name, version])));
    joinIdentities(this.scope, this.scope, allOf(attributes).identity);
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
    const metric = identityOfText(`${head.name}\n${head.form}`);
    joinIdentities(metric, this.scope, metric);
    this.metric = this.known(metric);
  }

  private known(metric: Identity): Identity {
    const name = nameOfIdentity(metric);
    const known = this.metrics.get(name);
    if (known !== undefined) return known;
    if (this.metrics.size >= rememberedMetrics) this.metrics.clear();
    this.metrics.set(name, metric);
    return metric;
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
    const { batch, head } = this;
    const attributes = allOf(point.attributes);
    attributes.useMetric(this.metric);
    const { startHigh, startLow, timeHigh, timeLow } = point;
    const observation: PointObservation = {
      stream: attributes.streamName,
      instrument: head.name,
      temporality: value.kind === 'gauge' ? 'level' : head.temporality === 1 ? 'delta' : 'cumulative',
      startNs: startHigh * 2 ** 32 + startLow,
      timeNs: timeHigh * 2 ** 32 + timeLow,
      atMs: value.kind === 'gauge' ? millisecondsOf(timeHigh, timeLow) : millisecondsBefore({ high: timeHigh, low: timeLow }),
      labels: attributes.labelsOver(this.resourceLabels),
      value,
    };
    identifyPoint(batch, attributes, point, value);
    batch.point(observation);
  }
}

const tooMany: Refusal = 'too many in one request';

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
  if (counts.length !== edges.length + 1 || sumFrom(0, counts) !== count || !areAscending(edges) || !isSum(sum)) return 'bad value';
  return distributionOf({ kind: 'explicit', bounds: edges, counts }, sum);
}

function exponentialOf({ scale, zeroCount, offset, bucketCounts, negativeCount, count, sum }: RawPoint): PointValue | Refusal {
  if (bucketCounts.length > maxBuckets || scale < smallestScale || scale > largestScale) return 'too many buckets';
  if (negativeCount > 0 || sumFrom(zeroCount, bucketCounts) !== count || !isSum(sum)) return 'bad value';
  return distributionOf({ kind: 'exponential', scale, zeroCount, offset, counts: bucketCounts }, sum);
}

function sumFrom(first: number, counts: readonly number[]): number {
  let sum = first;
  for (let index = 0; index < counts.length; index += 1) sum += counts[index] as number;
  return sum;
}

function areAscending(bounds: readonly number[]): boolean {
  for (let index = 0; index < bounds.length; index += 1) {
    const bound = bounds[index] as number;
    if (!Number.isFinite(bound) || (index > 0 && bound <= (bounds[index - 1] as number))) return false;
  }
  return true;
}

/** A histogram may be sent without its sum. */
const isSum = (sum: number | null): boolean => sum === null || Number.isFinite(sum);

const distributionOf = (histogram: Histogram, sum: number | null): PointValue => ({
  kind: 'histogram',
  histogram,
  sum: sum ?? Number.NaN,
});
