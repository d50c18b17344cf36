import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordingPlan } from '../../domain/index.js';
import type { ClosingRules, Kept, StreamMove, StreamRecords, StreamStore } from '../../storage/index.js';
import { countKafkaRecords, countSpans } from '../../telemetry/index.js';
import { MalformedOtlpError } from '../malformed-otlp-error.js';
import { WindowGrid } from '../window-grid.js';
import { mergeWindows } from './merge-windows.js';
import type { FetchedPartition } from './partition-fetcher.js';
import { PartitionPosition } from './partition-position.js';
import { type LogRecord, readRecordSet } from './record-set.js';
import type { SkippedRecords } from './skipped-records.js';
import { ScatteredStreamError, StreamRecorder } from './stream-recorder.js';

export interface SessionOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly limits: {
    readonly maxSeries: number;
    readonly maxAgeSeconds: number;
    readonly maxFutureSeconds: number;
    readonly maxDecodedBytes: number;
  };
  /** from when on the log is read, ms */
  readonly watchedFrom: number;
  /** topics whose partitions are all ours: only there may streams come without a key */
  readonly wholeTopics: ReadonlySet<string>;
}

/** counted records that are read again after a change, so that cumulative values go on and what is sent twice is known */
export const rememberMs = 300_000;
/** one turn of the event loop is used for so long */
const turnMs = 5;
/** cells and points after which what was read is stored, wherever its windows end */
const mostWaiting = 50_000;
/** what was read is stored after this time, so that little is read again after a crash */
const storeEveryMs = 5_000;

/**
 * What a replica does with the partitions it was given, from where the store says they are stored. All of it can be thrown
 * away at any moment: whoever begins again at the stored offsets makes the same windows of the same records.
 */
export class StreamSession {
  private readonly recorder: StreamRecorder;
  private waiting: StreamRecords | null = null;
  private readonly stored: StreamMove[] = [];
  private storedAt = Date.now();
  private reached = 0;
  private remembering = true;

  constructor(
    private readonly store: StreamStore,
    readonly positions: readonly PartitionPosition[],
    private plan: RecordingPlan,
    private readonly options: SessionOptions,
    private readonly skipped: SkippedRecords,
  ) {
    const { limits, watchedFrom } = options;
    this.recorder = new StreamRecorder(plan, { maxSeries: limits.maxSeries, longestFirstMs: rememberMs, watchedFrom });
  }

  /** Partitions to be read next: all of them, once what is counted already is remembered. */
  get wanted(): readonly PartitionPosition[] {
    return this.remembering ? this.positions.filter(({ offset, countFrom }) => offset < countFrom) : this.positions;
  }

  /** Reads what a broker sent; a record that cannot be read costs itself. */
  async take(fetched: readonly FetchedPartition[]): Promise<void> {
    let turnEnds = performance.now() + turnMs;
    for (const answer of fetched) {
      const position = this.positions.find(({ topic, partition }) => topic === answer.topic && partition === answer.partition);
      if (position === undefined || answer.errorCode !== 0) continue;
      for (const record of this.recordsOf(answer, position)) {
        this.read(record, position);
        if (performance.now() < turnEnds) continue;
        await nextTurn();
        turnEnds = performance.now() + turnMs;
      }
      if (!this.remembering) position.heard(answer.askedAt, answer.end);
    }
  }

  /** false: nothing that was read so far may be stored */
  get isCounting(): boolean {
    return !this.remembering;
  }

  /** Ends the remembering of counted records. */
  async beginCounting(): Promise<void> {
    await this.recorder.forgetCounts();
    this.remembering = false;
  }

  /** Is a window complete by what was read, or does much wait? */
  isDue(now: number): boolean {
    if (this.waiting !== null || this.recorder.load > mostWaiting || now - this.storedAt >= storeEveryMs) return true;
    if (this.positions.length === 0) return false;
    return this.throughAt(Math.min(...this.positions.map(({ readUntil }) => readUntil))) > this.reached;
  }

  /**
   * Stores everything that was read, open windows too, and closes what is complete.
   *
   * @throws {ConflictError} another replica reads these partitions: nothing was stored, and this session is void
   * @throws {StoreUnavailableError} call again: the same is given again
   */
  async flush(): Promise<Kept> {
    const read = this.positions.length > 0 ? Math.min(...this.positions.map(({ readUntil }) => readUntil)) : 0;
    if (this.waiting === null) {
      const moves = this.positions.flatMap((position) => position.move() ?? []);
      this.waiting = { moves, windows: await this.recorder.take() };
      this.reached = this.throughAt(read);
    }
    const { waiting } = this;
    const kept = await this.store.keep(this.options.group, waiting, this.rules());
    this.waiting = null;
    this.stored.push(...waiting.moves);
    this.storedAt = Date.now();
    for (const move of waiting.moves)
      this.positions.find((position) => position.topic === move.topic && position.partition === move.partition)?.wasStored(move);
    return kept;
  }

  /** What was stored since the last time. */
  takeStored(): readonly StreamMove[] {
    return this.stored.splice(0);
  }

  /** What to keep from now on. @throws {RangeError} something that was read is not stored yet */
  usePlan(plan: RecordingPlan): void {
    if (this.waiting !== null || this.recorder.load > 0) throw new RangeError('what was read is stored first');
    this.plan = plan;
    this.recorder.usePlan(plan);
  }

  private *recordsOf({ records }: FetchedPartition, position: PartitionPosition): Generator<LogRecord> {
    if (records === null) return;
    const before = this.remembering ? position.countFrom : Number.POSITIVE_INFINITY;
    for (const batch of readRecordSet(records, this.mostBytesOfBatch)) {
      if (batch.problem !== null && batch.lastOffset >= position.offset && !this.remembering) {
        const where = `${position.name}@${batch.firstOffset}–${batch.lastOffset}`;
        this.skipped.add('unreadable batch', where, batch.problem, batch.lastOffset - batch.firstOffset + 1);
      }
      for (const record of batch.records) if (record.offset >= position.offset && record.offset < before) yield record;
      position.offset = Math.min(before, Math.max(position.offset, batch.lastOffset + 1));
      if (position.offset === before) return;
    }
  }

  private read(record: LogRecord, position: PartitionPosition): void {
    position.offset = record.offset + 1;
    try {
      if (this.remembering) this.remember(record, position);
      else this.count(record, position);
    } catch (error) {
      if (this.remembering) return; // it was told of when it was counted
      const where = `${position.name}@${record.offset}`;
      if (error instanceof ScatteredStreamError) this.skipped.add('scattered stream', where, error.message);
      else if (error instanceof MalformedOtlpError) this.skipped.add('malformed', where, error.message);
      else this.skipped.add('unexpected', where, error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  private remember({ value }: LogRecord, { signal }: PartitionPosition): void {
    if (value !== null && value.length <= this.options.limits.maxDecodedBytes) this.recorder.remember(signal, value);
  }

  private count({ offset, value, hasKey }: LogRecord, { signal, topic, name }: PartitionPosition): void {
    if (value === null) throw new MalformedOtlpError('it has no value');
    if (value.length > this.options.limits.maxDecodedBytes) {
      this.skipped.add('too large', `${name}@${offset}`, `${value.length} bytes`);
      return;
    }
    const isScattered = !hasKey && !this.options.wholeTopics.has(topic);
    const { accepted, refused } = this.recorder.record(signal, value, this.acceptedTimes(), isScattered);
    countKafkaRecords('counted', 1);
    if (accepted > 0) countSpans('accepted', accepted);
    for (const [reason, count] of refused) countSpans('refused', count, reason);
  }

  /** Several records may share a batch; a bomb is larger than all of them. */
  private get mostBytesOfBatch(): number {
    return 4 * this.options.limits.maxDecodedBytes;
  }

  private acceptedTimes(): { oldestMs: number; newestMs: number } {
    const { maxAgeSeconds, maxFutureSeconds } = this.options.limits;
    const now = Date.now();
    return { oldestMs: now - maxAgeSeconds * 1000, newestMs: now + maxFutureSeconds * 1000 };
  }

  private throughAt(completeUntil: number): number {
    return throughOf(this.plan, completeUntil);
  }

  private rules(): ClosingRules {
    const { plan } = this;
    const { maxSeries, maxAgeSeconds } = this.options.limits;
    const grid = new WindowGrid(plan.windowMs);
    return {
      topics: this.options.topics,
      throughAt: (completeUntil) => throughOf(plan, completeUntil),
      giveUpBefore: throughOf(plan, Date.now() - maxAgeSeconds * 1000),
      sliceAt: (ms) => grid.sliceAt(ms),
      merge: (parts) => mergeWindows(parts, maxSeries),
    };
  }
}

/** As far as windows may close when everything before `completeUntil` is stored, ms. */
export function throughOf({ windowMs, latenessMs }: RecordingPlan, completeUntil: number): number {
  return Math.max(0, new WindowGrid(windowMs).sliceAt(completeUntil - latenessMs).from);
}
