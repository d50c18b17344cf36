import type { StreamMove } from '../../storage/index.js';
import type { Signal } from '../otlp-reader.js';
import type { AssignedPartition } from './start-offsets.js';

/** How far a partition is read, how far it is stored, and until when nothing of it is missing. */
export class PartitionPosition {
  readonly topic: string;
  readonly partition: number;
  /** the next record that is wanted */
  offset: number;
  /** records before this are counted already */
  countFrom: number;
  /** records that the partition has and we have not read, as last heard */
  lag = 0;
  /** ms; since when the broker says that it has no such offset; null: it has */
  outOfRangeSince: number | null = null;
  private stored: number;
  private completeUntil: number;
  private storedUntil: number;
  /** when we asked and where the partition ended then: once we are there, all that it got before is read */
  private mark: { readonly askedAt: number; readonly end: number } | null = null;

  constructor(
    readonly signal: Signal,
    { topic, partition, stored, offset, readFrom, completeUntil }: AssignedPartition,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.offset = readFrom;
    this.countFrom = offset;
    this.stored = stored;
    this.completeUntil = completeUntil;
    this.storedUntil = completeUntil;
  }

  get name(): string {
    return `${this.topic}/${this.partition}`;
  }

  /** ms; everything that the partition got before is read */
  get readUntil(): number {
    return this.completeUntil;
  }

  /**
   * @param askedAt  when the broker was asked, ms
   * @param end      where the partition ended then, or later
   */
  heard(askedAt: number, end: number): void {
    this.mark ??= { askedAt, end };
    this.lag = Math.max(0, end - this.offset);
    if (this.offset >= end) this.completeUntil = Math.max(this.completeUntil, askedAt);
    else if (this.offset < this.mark.end) return;
    else this.completeUntil = Math.max(this.completeUntil, this.mark.askedAt);
    this.mark = this.offset >= end ? null : { askedAt, end };
  }

  /** Goes on elsewhere, because the records in between are gone. */
  jump(offset: number): void {
    this.offset = offset;
    this.countFrom = Math.min(this.countFrom, offset);
    this.mark = null;
  }

  /** What the store is to know; null: nothing new. */
  move(): StreamMove | null {
    const { topic, partition, stored: from, completeUntil } = this;
    const to = Math.max(this.offset, this.countFrom);
    if (to === from && completeUntil === this.storedUntil) return null;
    return { topic, partition, from, to, completeUntil };
  }

  /** The store knows it. */
  wasStored({ to, completeUntil }: StreamMove): void {
    this.stored = to;
    this.storedUntil = completeUntil;
  }
}
