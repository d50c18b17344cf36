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
  /** times of points already counted, newest last */
  readonly times: number[];
}

const maxSequences = 8;
const rememberedTimes = 16;

/**
 * Turns points into increases, each counted once.
 *
 * Cumulative streams: difference to the value before. A stream is known by all its attributes, and a sequence of it by
 * its start time, so that a restart, and even two processes that forgot to tell themselves apart, are counted right.
 * A first value counts from its start if the rule allows it, else it is only what the next one is compared with. Points that are not newer
 * than the last one of their sequence are duplicates, or came out of order: the newer one has counted them already.
 *
 * Delta streams and levels: a point with the time of one that was counted is a duplicate.
 *
 * A service may have as many streams as there is room left for: half of all where it is alone, a third where two have very many. However
 * many flood, others find room (Choudhury and Hahne, 1998, dynamic queue length thresholds, doi:10.1109/90.664262).
 */
export class MetricStreams {
  private readonly streams = new Map<string, Stream>();
  private readonly streamsOf = new Map<string, number>();

  constructor(
    private readonly firstValue: FirstValueRule,
    private readonly maxStreams: number,
  ) {}

  /**
   * @param now  any clock that moves on; {@link forget} speaks of the same
   * @param service  whose stream it is: each has its share of the room
   * @returns null: nothing to count. 'full': there are too many streams to follow this one too
   */
  increaseOf(point: PointObservation, now: number, service = unknownService): PointValue | null | 'full' {
    const stream = this.streams.get(point.stream) ?? this.newStream(point.stream, service);
    if (stream === null) return 'full';
    stream.seenAt = now;
    return point.temporality === 'cumulative' ? this.sinceLast(stream, point) : once(stream, point);
  }

  /** Drops streams that had no point since `before`. */
  forget(before: number): void {
    for (const [name, { seenAt, service }] of this.streams) {
      if (seenAt >= before) continue;
      this.streams.delete(name);
      const left = (this.streamsOf.get(service) ?? 0) - 1;
      if (left > 0) this.streamsOf.set(service, left);
      else this.streamsOf.delete(service);
    }
  }

  private newStream(name: string, service: string): Stream | null {
    const sofar = this.streamsOf.get(service) ?? 0;
    if (sofar >= this.maxStreams - this.streams.size) return null;
    const stream: Stream = { service, seenAt: 0, sequences: [], times: [] };
    this.streams.set(name, stream);
    this.streamsOf.set(service, sofar + 1);
    return stream;
  }

  private sinceLast(stream: Stream, point: PointObservation): PointValue | null {
    const sequence = stream.sequences.find(({ startNs }) => startNs === point.startNs);
    if (sequence === undefined) return this.firstOf(stream, point);
    if (point.timeNs <= sequence.timeNs) return null;
    const increase = streamDifference(sequence.value, point.value);
    sequence.timeNs = point.timeNs;
    sequence.value = point.value;
    return increase;
  }

  private firstOf(stream: Stream, point: PointObservation): PointValue | null {
    const { startNs, timeNs, value } = point;
    const restarted = stream.sequences.some((other) => startNs > other.startNs);
    stream.sequences.push({ startNs, timeNs, value });
    if (stream.sequences.length > maxSequences) stream.sequences.shift();
    const known = startNs > 0 && startNs < timeNs; // OTLP: a start equal to the time means that the true start is not known
    return known && (restarted || this.watchedFrom(startNs, timeNs)) ? value : null;
  }

  private watchedFrom(startNs: number, timeNs: number): boolean {
    const { startedFromMs, maxAgeMs } = this.firstValue;
    return startNs / 1e6 >= startedFromMs && (timeNs - startNs) / 1e6 <= maxAgeMs;
  }
}

function once({ times }: Stream, { timeNs, value }: PointObservation): PointValue | null {
  if (times.includes(timeNs)) return null;
  times.push(timeNs);
  if (times.length > rememberedTimes) times.shift();
  return value;
}
