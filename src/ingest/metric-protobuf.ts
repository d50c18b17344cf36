import { anyValue, type PlainValue } from './any-value.js';
import { ByteMemo } from './byte-memo.js';
import { KnownAttributes } from './known-attributes.js';
import { type MetricHead, type MetricPoints, maxBuckets } from './metric-points.js';
import { ProtobufCursor, textOf } from './protobuf-cursor.js';
import { RawPoint } from './raw-point.js';
import { addIdentity, identityOfBytes } from './stream-identity.js';

type Form = MetricHead['form'];

/** Field number and wire type, as they stand before a field. Of requests, resources, scopes and metrics: */
const resourceMetrics = 0x0a;
const resource = 0x0a;
const scopeMetrics = 0x12;
const scope = 0x0a;
const metric = 0x12;
const attributesOfResource = 0x0a;
const [scopeName, scopeVersion, attributesOfScope] = [0x0a, 0x12, 0x1a];
const metricName = 0x0a;
const [gauge, sum, histogram, exponential, summary] = [0x2a, 0x3a, 0x4a, 0x52, 0x5a];
/** of the data of a metric: */
const [dataPoint, temporality, monotonic] = [0x0a, 0x10, 0x18];
/** of points: */
const [startTime, time] = [0x11, 0x19];
const [asDouble, asInt, flags, attributesOfNumber] = [0x21, 0x31, 0x40, 0x3a];
const [count, total] = [0x21, 0x29];
const [oneCount, counts, oneBound, bounds, attributesOfHistogram, flagsOfHistogram] = [0x31, 0x32, 0x39, 0x3a, 0x4a, 0x50];
const [attributesOfExponential, scale, zeroCount, positive, negative] = [0x0a, 0x30, 0x39, 0x42, 0x4a];
const [offset, oneBucket, buckets] = [0x08, 0x10, 0x12];
/** of attributes: */
const [key, value] = [0x0a, 0x12];

/** attributes that stand beside each other */
const mostDecoded = 1_000;
const wholeRequest = 0;
const dataOfMetric = 4;

/** Tag of what holds the points, by how deep it stands; null: the data of a metric. */
const holders: readonly (number | null)[] = [resourceMetrics, scopeMetrics, metric, null, dataPoint];

/**
 * Reads ExportMetricsServiceRequest.
 *
 * Streams send the same attributes again and again. Attributes that stand beside each other are found by their bytes, all at once, and
 * decoded only when they are new.
 */
export class MetricProtobufReader {
  private readonly cursor = new ProtobufCursor();
  private readonly known = new ByteMemo<KnownAttributes>();
  private readonly names = new ByteMemo<string>();
  private readonly bounds = new ByteMemo<readonly number[]>({ entries: 1 << 10, bytes: 1 << 20 });
  private readonly point = new RawPoint();
  private readonly attributes: KnownAttributes[] = [];
  private partsLeft = 0;

  constructor(private readonly points: MetricPoints) {}

  /** @throws {MalformedOtlpError} */
  read(bytes: Uint8Array): void {
    const { cursor } = this;
    cursor.open(bytes);
    try {
      while (cursor.position < cursor.end && !this.points.isFull) {
        const tag = cursor.tag();
        if (tag === resourceMetrics) this.resourceMetrics();
        else cursor.skip(tag);
      }
      this.stepOver(wholeRequest);
    } finally {
      cursor.close();
    }
  }

  /** Enters the message that stands here. @returns the end of the one around it, for {@link leave} */
  private enter(): number {
    const { cursor } = this;
    const { end } = cursor;
    cursor.end = cursor.span();
    return end;
  }

  private leave(end: number): void {
    const { cursor } = this;
    cursor.position = cursor.end;
    cursor.end = end;
  }

  /** The rest of the present message, where the request is full. Its points are counted by their lengths alone. */
  private stepOver(depth: number): void {
    if (!this.cursor.more) return;
    this.partsLeft = 0;
    const points = this.pointsWithin(depth);
    this.points.steppedOver(this.partsLeft, points);
  }

  private pointsWithin(depth: number): number {
    const { cursor } = this;
    let points = 0;
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      const isHolder = tag === holders[depth] || (depth === dataOfMetric - 1 && formOf(tag) !== null);
      if (!isHolder) cursor.skip(tag);
      else if (depth === dataOfMetric) {
        cursor.position = cursor.span();
        points += 1;
      } else {
        const end = this.enter();
        points += this.pointsWithin(depth + 1);
        this.leave(end);
        this.partsLeft += 1;
      }
    }
    return points;
  }

  /** The resource is read first, wherever it stands. */
  private resourceMetrics(): void {
    const { cursor, attributes } = this;
    const around = this.enter();
    const from = cursor.position;
    attributes.length = 0;
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === resource) this.resource();
      else cursor.skip(tag);
    }
    this.points.startResource(attributes);
    cursor.position = from;
    while (cursor.position < cursor.end && !this.points.isFull) {
      const tag = cursor.tag();
      if (tag === scopeMetrics) this.scopeMetrics();
      else cursor.skip(tag);
    }
    this.stepOver(1);
    this.leave(around);
  }

  private resource(): void {
    const { cursor } = this;
    const around = this.enter();
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === attributesOfResource) this.readAttributes(tag, this.attributes);
      else cursor.skip(tag);
    }
    this.leave(around);
  }

  private scopeMetrics(): void {
    const { cursor, attributes } = this;
    const around = this.enter();
    const from = cursor.position;
    let [name, version] = ['', ''];
    attributes.length = 0;
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag !== scope) {
        cursor.skip(tag);
        continue;
      }
      const outside = this.enter();
      while (cursor.position < cursor.end) {
        const field = cursor.tag();
        if (field === scopeName) name = this.text();
        else if (field === scopeVersion) version = this.text();
        else if (field === attributesOfScope) this.readAttributes(field, attributes);
        else cursor.skip(field);
      }
      this.leave(outside);
    }
    this.points.startScope(name, version, attributes);
    cursor.position = from;
    while (cursor.position < cursor.end && !this.points.isFull) {
      const tag = cursor.tag();
      if (tag === metric) this.metric();
      else cursor.skip(tag);
    }
    this.stepOver(2);
    this.leave(around);
  }

  private metric(): void {
    const { cursor } = this;
    const around = this.enter();
    const from = cursor.position;
    let name = '';
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === metricName) name = this.text();
      else cursor.skip(tag);
    }
    cursor.position = from;
    this.points.startPart();
    while (cursor.position < cursor.end && !this.points.isFull) {
      const tag = cursor.tag();
      const form = formOf(tag);
      if (form === null) cursor.skip(tag);
      else this.data(name, form);
    }
    this.stepOver(dataOfMetric - 1);
    this.leave(around);
  }

  private data(name: string, form: Form): void {
    const { cursor, points } = this;
    const around = this.enter();
    const from = cursor.position;
    const head = { name, form, temporality: 0, monotonic: false };
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === temporality) head.temporality = cursor.varint();
      else if (tag === monotonic) head.monotonic = cursor.varint64() !== 0;
      else cursor.skip(tag);
    }
    points.startMetric(head);
    cursor.position = from;
    while (cursor.position < cursor.end && !points.isFull) {
      const tag = cursor.tag();
      if (tag !== dataPoint) {
        cursor.skip(tag);
        continue;
      }
      const outside = this.enter();
      this.readPoint(form);
      this.leave(outside);
      points.add(this.point);
    }
    this.stepOver(dataOfMetric);
    this.leave(around);
  }

  private readPoint(form: Form): void {
    this.point.clear();
    if (form === 'gauge' || form === 'sum') this.numberPoint();
    else if (form === 'histogram') this.histogramPoint();
    else if (form === 'exponential') this.exponentialPoint();
    else this.summaryPoint();
  }

  private numberPoint(): void {
    const { cursor, point } = this;
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === startTime) this.startTime();
      else if (tag === time) this.time();
      else if (tag === attributesOfNumber) this.readAttributes(tag, point.attributes);
      else if (tag === asDouble) point.number = cursor.double();
      else if (tag === asInt) point.number = cursor.signed64();
      else if (tag === flags) point.flags = cursor.varint();
      else cursor.skip(tag);
    }
  }

  private summaryPoint(): void {
    const { cursor, point } = this;
    point.sum = 0;
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === startTime) this.startTime();
      else if (tag === time) this.time();
      else if (tag === attributesOfNumber) this.readAttributes(tag, point.attributes);
      else if (tag === count) point.count = cursor.unsigned64();
      else if (tag === total) point.sum = cursor.double();
      else if (tag === flags) point.flags = cursor.varint();
      else cursor.skip(tag);
    }
  }

  private histogramPoint(): void {
    const { cursor, point } = this;
    point.bucketCounts = [];
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === startTime) this.startTime();
      else if (tag === time) this.time();
      else if (tag === attributesOfHistogram) this.readAttributes(tag, point.attributes);
      else if (tag === count) point.count = cursor.unsigned64();
      else if (tag === total) point.sum = cursor.double();
      else if (tag === oneCount) keepBucket(point.bucketCounts, cursor.unsigned64());
      else if (tag === counts) this.packedCounts(point.bucketCounts);
      else if (tag === oneBound) this.moreBounds([cursor.double()]);
      else if (tag === bounds) this.packedBounds();
      else if (tag === flagsOfHistogram) point.flags = cursor.varint();
      else cursor.skip(tag);
    }
  }

  private exponentialPoint(): void {
    const { cursor, point } = this;
    point.bucketCounts = [];
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === startTime) this.startTime();
      else if (tag === time) this.time();
      else if (tag === attributesOfExponential) this.readAttributes(tag, point.attributes);
      else if (tag === count) point.count = cursor.unsigned64();
      else if (tag === total) point.sum = cursor.double();
      else if (tag === scale) point.scale = cursor.signedVarint();
      else if (tag === zeroCount) point.zeroCount = cursor.unsigned64();
      else if (tag === positive) this.positiveBuckets();
      else if (tag === negative) this.negativeBuckets();
      else if (tag === flagsOfHistogram) point.flags = cursor.varint();
      else cursor.skip(tag);
    }
  }

  private startTime(): void {
    const { cursor, point } = this;
    const at = cursor.fixed64();
    point.startLow = cursor.view.getUint32(at, true);
    point.startHigh = cursor.view.getUint32(at + 4, true);
  }

  private time(): void {
    const { cursor, point } = this;
    const at = cursor.fixed64();
    point.timeLow = cursor.view.getUint32(at, true);
    point.timeHigh = cursor.view.getUint32(at + 4, true);
  }

  private packedCounts(into: number[]): void {
    const { cursor } = this;
    const around = this.enter();
    while (cursor.position < cursor.end) keepBucket(into, cursor.unsigned64());
    this.leave(around);
  }

  /** Most histograms have the bounds of the one before. */
  private packedBounds(): void {
    const { cursor } = this;
    const { view } = cursor;
    const around = this.enter();
    const [from, to] = [cursor.position, cursor.end];
    this.moreBounds(this.bounds.find(view, from, to) ?? this.bounds.keep(view, from, to, this.newBounds()));
    this.leave(around);
  }

  private newBounds(): readonly number[] {
    const { cursor } = this;
    const read: number[] = [];
    while (cursor.position < cursor.end) keepBucket(read, cursor.double());
    return read;
  }

  /** The lists that are remembered are never written to. */
  private moreBounds(more: readonly number[]): void {
    const { point } = this;
    if (point.bounds.length === 0) point.bounds = more;
    else if (point.bounds.length <= maxBuckets) point.bounds = [...point.bounds, ...more];
  }

  private positiveBuckets(): void {
    const { cursor, point } = this;
    const around = this.enter();
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === offset) point.offset = cursor.signedVarint();
      else if (tag === oneBucket) keepBucket(point.bucketCounts, cursor.varint64());
      else if (tag === buckets) {
        const outside = this.enter();
        while (cursor.position < cursor.end) keepBucket(point.bucketCounts, cursor.varint64());
        this.leave(outside);
      } else cursor.skip(tag);
    }
    this.leave(around);
  }

  /** Nothing but their sum is of interest. */
  private negativeBuckets(): void {
    const { cursor, point } = this;
    const around = this.enter();
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === oneBucket) point.negativeCount += cursor.varint64();
      else if (tag === buckets) {
        const outside = this.enter();
        while (cursor.position < cursor.end) point.negativeCount += cursor.varint64();
        this.leave(outside);
      } else cursor.skip(tag);
    }
    this.leave(around);
  }

  /** This attribute and those that stand behind it. @param tag  of each of them */
  private readAttributes(tag: number, into: KnownAttributes[]): void {
    const { cursor } = this;
    const { bytes, end, view } = cursor;
    const from = cursor.position;
    cursor.position = cursor.span();
    while (cursor.position < end && bytes[cursor.position] === tag) {
      cursor.position += 1;
      cursor.position = cursor.span();
    }
    const to = cursor.position;
    into.push(this.known.find(view, from, to) ?? this.known.keep(view, from, to, this.newAttributes(from, to)));
  }

  /** Of attributes without end only the first ones are decoded; the others tell streams apart by their bytes. */
  private newAttributes(from: number, to: number): KnownAttributes {
    const { cursor } = this;
    const { end, view } = cursor;
    const known = new KnownAttributes();
    cursor.position = from;
    for (let many = 1; ; many += 1) {
      const around = this.enter();
      this.attribute(known);
      this.leave(around);
      if (cursor.position >= to) break;
      if (many === mostDecoded) {
        addIdentity(known.identity, identityOfBytes(view, cursor.position, to));
        cursor.position = to;
        break;
      }
      cursor.position += 1; // the tag
    }
    cursor.end = end;
    return known;
  }

  private attribute(known: KnownAttributes): void {
    const { cursor } = this;
    let [name, held]: [string, PlainValue] = ['', null];
    while (cursor.position < cursor.end) {
      const tag = cursor.tag();
      if (tag === key) name = cursor.text();
      else if (tag === value) {
        const to = cursor.span();
        held = anyValue(cursor.bytes, cursor.position, to);
        cursor.position = to;
      } else cursor.skip(tag);
    }
    known.know(name, held, this.points.batch.resolver);
  }

  private text(): string {
    const { cursor } = this;
    const { bytes, view } = cursor;
    const to = cursor.span();
    const from = cursor.position;
    cursor.position = to;
    return this.names.find(view, from, to) ?? this.names.keep(view, from, to, textOf(bytes, from, to));
  }
}

/** One more than there may be shows that there are too many. */
function keepBucket(into: number[], number: number): void {
  if (into.length <= maxBuckets) into.push(number);
}

function formOf(tag: number): Form | null {
  if (tag === gauge) return 'gauge';
  if (tag === sum) return 'sum';
  if (tag === histogram) return 'histogram';
  if (tag === exponential) return 'exponential';
  return tag === summary ? 'summary' : null;
}
