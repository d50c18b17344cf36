import { anyValue, type PlainValue } from './any-value.js';
import { emptyPoint, type MetricHead, type MetricPoints, type RawPoint } from './metric-points.js';
import { ProtobufCursor } from './protobuf-cursor.js';
import type { Moment } from './timestamp.js';

const forms: Readonly<Record<number, MetricHead['form']>> = { 5: 'gauge', 7: 'sum', 9: 'histogram', 10: 'exponential', 11: 'summary' };

type Building = { -readonly [Key in keyof RawPoint]: RawPoint[Key] };

/** Reads ExportMetricsServiceRequest. */
export class MetricProtobufReader {
  private readonly cursor = new ProtobufCursor();

  constructor(private readonly points: MetricPoints) {}

  /** @throws {MalformedOtlpError} */
  read(bytes: Uint8Array): void {
    this.cursor.open(bytes);
    try {
      this.each({ 10: () => this.resourceMetrics() });
    } finally {
      this.cursor.close();
    }
  }

  /** Reads the fields of the present message: those named, by tag; the others are stepped over. */
  private each(fields: Readonly<Record<number, () => void>>): void {
    const { cursor } = this;
    while (cursor.more) {
      const tag = cursor.tag();
      const read = fields[tag];
      if (read === undefined) cursor.skip(tag);
      else if ((tag & 7) === 2) cursor.message(read);
      else read();
    }
  }

  /** Reads the present message twice: first what the rest depends on, wherever it stands. */
  private twice(first: Readonly<Record<number, () => void>>, between: () => void, then: Readonly<Record<number, () => void>>): void {
    const from = this.cursor.position;
    this.each(first);
    between();
    this.cursor.position = from;
    this.each(then);
  }

  private resourceMetrics(): void {
    const attributes: [string, PlainValue][] = [];
    this.twice({ 10: () => this.each({ 10: () => attributes.push(this.attribute()) }) }, () => this.points.startResource(attributes), {
      18: () => this.scopeMetrics(),
    });
  }

  private scopeMetrics(): void {
    const attributes: [string, PlainValue][] = [];
    let [name, version] = ['', ''];
    const scope = {
      10: () => {
        name = this.restAsText();
      },
      18: () => {
        version = this.restAsText();
      },
      26: () => attributes.push(this.attribute()),
    };
    this.twice({ 10: () => this.each(scope) }, () => this.points.startScope(name, version, attributes), { 18: () => this.metric() });
  }

  private metric(): void {
    let name = '';
    const readName = {
      10: () => {
        name = this.restAsText();
      },
    };
    const data = Object.entries(forms).map(([field, form]) => [(Number(field) << 3) | 2, () => this.data(name, form)] as const);
    this.twice(readName, () => undefined, Object.fromEntries(data));
  }

  private data(name: string, form: MetricHead['form']): void {
    let temporality = 0;
    let monotonic = false;
    const head = {
      16: () => {
        temporality = this.cursor.varint();
      },
      24: () => {
        monotonic = this.cursor.varint64() !== 0;
      },
    };
    this.twice(head, () => undefined, { 10: () => this.points.add({ name, form, temporality, monotonic }, this.point(form)) });
  }

  private point(form: MetricHead['form']): RawPoint {
    const point: Building = { ...emptyPoint };
    const attributes: [string, PlainValue][] = [];
    const times = {
      17: () => {
        point.start = this.moment();
      },
      25: () => {
        point.time = this.moment();
      },
    };
    const attribute = (): void => void attributes.push(this.attribute());
    if (form === 'gauge' || form === 'sum') this.each({ ...times, ...this.numberFields(point), 58: attribute });
    else if (form === 'histogram') this.each({ ...times, ...this.explicitFields(point), 74: attribute });
    else if (form === 'exponential') this.each({ ...times, ...this.exponentialFields(point), 10: attribute });
    else this.each({ ...times, ...this.summaryFields(point), 58: attribute });
    point.attributes = attributes;
    return point;
  }

  private numberFields(point: Building): Record<number, () => void> {
    const { cursor } = this;
    return {
      33: () => {
        point.number = cursor.double();
      },
      49: () => {
        point.number = cursor.signed64();
      },
      64: () => {
        point.flags = cursor.varint();
      },
    };
  }

  private summaryFields(point: Building): Record<number, () => void> {
    const { cursor } = this;
    point.sum = 0;
    return {
      33: () => {
        point.count = cursor.unsigned64();
      },
      41: () => {
        point.sum = cursor.double();
      },
      64: () => {
        point.flags = cursor.varint();
      },
    };
  }

  private explicitFields(point: Building): Record<number, () => void> {
    const { cursor } = this;
    const counts: number[] = [];
    const bounds: number[] = [];
    point.bucketCounts = counts;
    point.bounds = bounds;
    return {
      33: () => {
        point.count = cursor.unsigned64();
      },
      41: () => {
        point.sum = cursor.double();
      },
      49: () => counts.push(cursor.unsigned64()),
      50: () => this.packed(() => counts.push(cursor.unsigned64())),
      57: () => bounds.push(cursor.double()),
      58: () => this.packed(() => bounds.push(cursor.double())),
      80: () => {
        point.flags = cursor.varint();
      },
    };
  }

  private exponentialFields(point: Building): Record<number, () => void> {
    const { cursor } = this;
    const counts: number[] = [];
    const negative: number[] = [];
    point.bucketCounts = counts;
    return {
      33: () => {
        point.count = cursor.unsigned64();
      },
      41: () => {
        point.sum = cursor.double();
      },
      48: () => {
        point.scale = cursor.signedVarint();
      },
      57: () => {
        point.zeroCount = cursor.unsigned64();
      },
      66: () => {
        point.offset = this.buckets(counts, point.offset);
      },
      74: () => {
        this.buckets(negative);
        point.negativeCount = negative.reduce((sum, count) => sum + count, 0);
      },
      80: () => {
        point.flags = cursor.varint();
      },
    };
  }

  /** @param known  the offset, if nothing says otherwise. @returns the offset */
  private buckets(counts: number[], known = 0): number {
    const { cursor } = this;
    let offset = known;
    this.each({
      8: () => {
        offset = cursor.signedVarint();
      },
      16: () => counts.push(cursor.varint64()),
      18: () => this.packed(() => counts.push(cursor.varint64())),
    });
    return offset;
  }

  private packed(readOne: () => void): void {
    while (this.cursor.more) readOne();
  }

  private attribute(): [string, PlainValue] {
    const { cursor } = this;
    let key = '';
    let value: PlainValue = null;
    this.each({
      10: () => {
        key = this.restAsText();
      },
      18: () => {
        value = anyValue(cursor.bytes, cursor.position, cursor.end);
        cursor.position = cursor.end;
      },
    });
    return [key, value];
  }

  private restAsText(): string {
    return this.cursor.restAsText();
  }

  private moment(): Moment {
    const { cursor } = this;
    const at = cursor.fixed64();
    return { high: cursor.view.getUint32(at + 4, true), low: cursor.view.getUint32(at, true) };
  }
}
