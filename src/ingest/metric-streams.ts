import type { PointObservation, PointValue } from './observation-batch.js';
import { unknownService } from './overflow-series.js';
import { streamDifference } from './stream-difference.js';

/** When the first value of a cumulative stream says what happened while we were watching. */
export interface FirstValueRule {
  /** the stream began at this moment or later, milliseconds */
  readonly startedFromMs: number;
  /** and no longer before the value than this */
  readonly maxAgeMs: number;
}

/** The same stream under one start time. A process that starts again is another sequence. */
interface Sequence {
  readonly startNs: number;
  timeNs: number;
  value: PointValue;
}

interface Stream {
  readonly service: string;
  seenAt: number;
  readonly sequences: Sequence[];
  /** the latest start of a sequence that had to make room for another; 0: there was none */
  forgottenNs: number;
  /** times of points already counted, newest last */
  readonly times: number[];
}

/** Senders of one stream that nothing but their start time tells apart. */
const maxSequences = 64;
const rememberedTimes = 16;

/**
 * Turns points into increases, each counted once.
 *
 * Cumulative streams: difference to the value before. A stream is known by all its attributes, and a sequence of it by
 * its start time, so that a restart, and processes that forgot to tell themselves apart but began at different times, are counted right.
 * A first value counts from its start if the rule allows it, else it is only what the next one is compared with. Points that are not newer
 * than the last one of their sequence are duplicates, or came out of order: the newer one has counted them already.
 *
 * Nothing that was forgotten is counted as new. Of a stream 64 sequences are followed; one that ended before a new one began makes room for
 * it. Where none has ended the new one is not followed, and what was put aside is not followed again: the caller is told.
 *
 * Delta streams and levels: a point with one of the last 16 times that were counted is a duplicate.
 *
 * A service may have as many sequences as there is room left for: half of all where it is alone, a third where two have very many. However
 * many flood, others find room (Choudhury and Hahne, 1998, dynamic queue length thresholds, doi:10.1109/90.664262).
 */
export class MetricStreams {
  private readonly streams = new Map<string, Stream>();
  /** sequences by service; a stream of deltas or levels counts as one */
  private readonly takenBy = new Map<string, number>();
  private taken = 0;
  /** the latest start of a sequence of streams that were dropped */
  private forgottenNs = 0;

  constructor(
    private readonly firstValue: FirstValueRule,
    private readonly maxStreams: number,
  ) {}

  /**
   * @param now  any clock that moves on; {@link forget} speaks of the same
   * @param service  whose stream it is: each has its share of the room
   * @returns null: nothing to count. 'full': there are too many streams, or sequences of this one, to follow this one too
   */
  increaseOf(point: PointObservation, now: number, service = unknownService): PointValue | null | 'full' {
    const stream = this.streams.get(point.stream) ?? this.newStream(point.stream, service);
    if (stream === null) return 'full';
    stream.seenAt = now;
    return point.temporality === 'cumulative' ? this.sinceLast(stream, point) : once(stream, point);
  }

  /** Drops streams that had no point since `before`. */
  forget(before: number): void {
    for (const [name, { seenAt, service, sequences, forgottenNs }] of this.streams) {
      if (seenAt >= before) continue;
      this.streams.delete(name);
      this.release(service, Math.max(1, sequences.length));
      for (const { startNs } of sequences) this.forgottenNs = Math.max(this.forgottenNs, startNs, forgottenNs);
    }
  }

  private newStream(name: string, service: string): Stream | null {
    if (!this.hasRoom(service)) return null;
    const stream: Stream = { service, seenAt: 0, sequences: [], forgottenNs: 0, times: [] };
    this.streams.set(name, stream);
    this.take(service);
    return stream;
  }

  private hasRoom(service: string): boolean {
    return (this.takenBy.get(service) ?? 0) < this.maxStreams - this.taken;
  }

  private take(service: string): void {
    this.taken += 1;
    this.takenBy.set(service, (this.takenBy.get(service) ?? 0) + 1);
  }

  private release(service: string, count: number): void {
    this.taken -= count;
    const left = (this.takenBy.get(service) ?? 0) - count;
    if (left > 0) this.takenBy.set(service, left);
    else this.takenBy.delete(service);
  }

  private sinceLast(stream: Stream, point: PointObservation): PointValue | null | 'full' {
    const sequence = stream.sequences.find(({ startNs }) => startNs === point.startNs);
    if (sequence === undefined) return this.firstOf(stream, point);
    if (point.timeNs <= sequence.timeNs) return null;
    const increase = streamDifference(sequence.value, point.value);
    sequence.timeNs = point.timeNs;
    sequence.value = point.value;
    return increase;
  }

  private firstOf(stream: Stream, point: PointObservation): PointValue | null | 'full' {
    const { startNs, timeNs, value } = point;
    if (stream.forgottenNs > 0 && startNs <= stream.forgottenNs) return 'full'; // it may be one that was counted
    const { sequences } = stream;
    const restarted = sequences.length > 0 && sequences.every((other) => other.timeNs <= startNs);
    if (!this.makeRoom(stream, startNs)) return 'full';
    sequences.push({ startNs, timeNs, value });
    const known = startNs > 0 && startNs < timeNs; // OTLP: a start equal to the time means that the true start is not known
    return known && this.isWatched(startNs) && (restarted || this.isRecent(startNs, timeNs)) ? value : null;
  }

  /** For one more sequence, which began at `startNs`. */
  private makeRoom(stream: Stream, startNs: number): boolean {
    const { sequences, service } = stream;
    if (sequences.length === 0) return true; // it has the place of its stream
    if (sequences.length < maxSequences && this.hasRoom(service)) {
      this.take(service);
      return true;
    }
    const oldest = sequences.reduce((first, other) => (other.timeNs < first.timeNs ? other : first));
    if (oldest.timeNs > startNs) return false;
    stream.forgottenNs = Math.max(stream.forgottenNs, oldest.startNs);
    sequences.splice(sequences.indexOf(oldest), 1);
    return true;
  }

  /** It began while we were there, and is none that we forgot. */
  private isWatched(startNs: number): boolean {
    return startNs / 1e6 >= this.firstValue.startedFromMs && startNs > this.forgottenNs;
  }

  private isRecent(startNs: number, timeNs: number): boolean {
    return (timeNs - startNs) / 1e6 <= this.firstValue.maxAgeMs;
  }
}

function once({ times }: Stream, { timeNs, value }: PointObservation): PointValue | null {
  if (times.includes(timeNs)) return null;
  times.push(timeNs);
  if (times.length > rememberedTimes) times.shift();
  return value;
}
