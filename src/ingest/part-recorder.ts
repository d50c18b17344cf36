import type { RecordingPlan, TimeSlice } from '../domain/index.js';
import { CohortResolver } from './cohort-resolver.js';
import { Dictionary } from './dictionary.js';
import { inlineHotLoops } from './hot-loops.js';
import { LogBatch } from './log-batch.js';
import { LogTally } from './log-tally.js';
import { notCounted, ObservationBatch, type PointObservation, type Refusal } from './observation-batch.js';
import { type Encoding, OtlpReader, type Signal } from './otlp-reader.js';
import { usualCohortCap } from './overflow-series.js';
import { RecentRequests, type RequestMemory } from './recent-requests.js';
import { SpanTally } from './span-tally.js';
import { WindowGrid } from './window-grid.js';
import type { WindowPart } from './window-part.js';

/** Event times that are accepted, milliseconds, both ends included. */
export interface AcceptedTimes {
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** What became of one request. */
export interface Receipt {
  readonly accepted: number;
  readonly refused: ReadonlyMap<Refusal, number>;
  /** what the sender should know although nothing was refused; '' where there is nothing */
  readonly notice: string;
}

export interface PartLimits {
  readonly maxSeries: number;
  /** of each cohort and signal; absent: {@link usualCohortCap} */
  readonly maxCohortSeries?: number;
  /** further spans and points of one request are refused */
  readonly maxObservations: number;
}

export const anyTime: AcceptedTimes = { oldestMs: Number.NEGATIVE_INFINITY, newestMs: Number.POSITIVE_INFINITY };

/**
 * What one receiving thread does with requests: reads them, checks their times, counts spans and log records into
 * cells, and hands all of it over as a part now and then. Points of metrics are handed over as they are, because a stream must be followed
 * in one place.
 */
export class PartRecorder {
  private readonly resolver: CohortResolver;
  private readonly grid: WindowGrid;
  private batch: ObservationBatch;
  private reader: OtlpReader;
  private tally: SpanTally;
  private dictionary: Dictionary;
  private logs: LogBatch;
  private logTally: LogTally;

  private points: PointObservation[] = [];
  private accepted = 0;
  private refused = new Map<Refusal, number>();
  /** of the request that is being recorded */
  private readonly refusedNow = new Map<Refusal, number>();

  /** @param held  windows that were open under an earlier plan */
  constructor(
    private readonly plan: RecordingPlan,
    private readonly limits: PartLimits,
    held: readonly TimeSlice[] = [],
    private readonly recent: RequestMemory = new RecentRequests(),
  ) {
    inlineHotLoops();
    this.resolver = new CohortResolver(plan);
    this.grid = new WindowGrid(plan.windowMs, held);
    this.forget();
  }

  /** How much waits to be taken. */
  get load(): number {
    return this.tally.cells + this.logTally.cells + this.points.length;
  }

  /** It has met so many values or series that a part should be taken: new ones have no room. */
  get crowded(): boolean {
    return this.dictionary.crowded || this.tally.crowded || this.logTally.crowded;
  }

  /** Nothing is counted yet. @throws {MalformedOtlpError} */
  read(signal: Signal, encoding: Encoding, body: Uint8Array): ObservationBatch {
    return this.reader.read(signal, encoding, body);
  }

  /** @throws {MalformedOtlpError} */
  readDocument(document: unknown): ObservationBatch {
    return this.reader.readDocument(document);
  }

  /** Counts what was read last. A request that was counted before is answered as it was, and not counted again. */
  record(batch: ObservationBatch, times: AcceptedTimes): Receipt {
    const refused = this.refusedNow;
    if (refused.size > 0) refused.clear();
    addTo(refused, batch.refused);
    const { fingerprint } = batch;
    const repeated = fingerprint !== null && this.recent.meet(fingerprint);
    const counted = repeated ? answeredAgain(batch, times, refused) : this.count(batch, times, refused);
    const accepted = counted + this.countLogs(times, refused);
    this.accepted += accepted;
    addTo(this.refused, refused);
    batch.close();
    return { accepted, refused: refused.size === 0 ? nothing : new Map(refused), notice: this.reader.notice };
  }

  private countLogs(times: AcceptedTimes, refused: Map<Refusal, number>): number {
    const { logs } = this;
    addTo(refused, logs.refused);
    const { fingerprint } = logs;
    if (fingerprint === null) return 0;
    if (this.recent.meet(fingerprint)) return logs.count;
    let accepted = 0;
    for (let index = 0; index < logs.count; index += 1) {
      const reason = outside(logs.atMs[index] as number, times);
      if (reason === null) {
        this.logTally.add(logs, index, this.grid);
        accepted += 1;
      } else refused.set(reason, (refused.get(reason) ?? 0) + 1);
    }
    return accepted;
  }

  private count(batch: ObservationBatch, times: AcceptedTimes, refused: Map<Refusal, number>): number {
    let accepted = this.keepPoints(batch, times, refused);
    for (let index = 0; index < batch.spanCount; index += 1) {
      const reason = outside(batch.endMs[index] as number, times);
      if (reason === null) {
        this.tally.assign(batch, index, this.grid);
        accepted += 1;
      } else {
        batch.cells[index] = notCounted;
        refused.set(reason, (refused.get(reason) ?? 0) + 1);
      }
    }
    this.tally.add(batch);
    return accepted;
  }

  private keepPoints({ points }: ObservationBatch, times: AcceptedTimes, refused: Map<Refusal, number>): number {
    if (points.length === 0) return 0;
    let accepted = 0;
    for (const point of points) {
      const reason = outside(point.atMs, times);
      if (reason === null) {
        this.points.push(point);
        accepted += 1;
      } else refused.set(reason, (refused.get(reason) ?? 0) + 1);
    }
    return accepted;
  }

  /** Everything since the last part. @param asOf  now, milliseconds */
  take(asOf: number): WindowPart {
    const { points, accepted } = this;
    const part = {
      asOf,
      ...this.tally.take(),
      logs: this.logTally.take(),
      points,
      labels: this.resolver.labels,
      accepted,
      refused: [...this.refused],
    };
    this.points = [];
    this.accepted = 0;
    this.refused = new Map();
    if (this.crowded) this.forget();
    return part;
  }

  /** Starts with an empty memory of texts and series; nothing may be waiting. */
  private forget(): void {
    this.dictionary = new Dictionary();
    const { maxObservations, maxSeries, maxCohortSeries = usualCohortCap.mostSeries } = this.limits;
    const limits = { maxSeries, cohorts: { by: this.plan.cohorts ?? usualCohortCap.by, mostSeries: maxCohortSeries } };
    this.batch = new ObservationBatch(this.resolver, this.dictionary, maxObservations);
    this.logs = new LogBatch(this.resolver, this.dictionary, this.plan.logs ? maxObservations : null);
    this.reader = new OtlpReader(this.batch, this.logs);
    this.tally = new SpanTally(this.resolver, this.dictionary, limits);
    this.logTally = new LogTally(this.resolver, this.dictionary, limits);
  }
}

const nothing: ReadonlyMap<Refusal, number> = new Map();

function addTo(refused: Map<Refusal, number>, more: ReadonlyMap<Refusal, number>): void {
  if (more.size === 0) return; // as always; to look for something in it would allocate
  for (const [reason, count] of more) refused.set(reason, (refused.get(reason) ?? 0) + count);
}

function outside(ms: number, { oldestMs, newestMs }: AcceptedTimes): Refusal | null {
  if (ms < oldestMs) return 'too old';
  return ms > newestMs ? 'too far in the future' : null;
}

/** What is said of a request that was counted before: the same as then. @returns how much of it was accepted */
function answeredAgain({ points, endMs, spanCount }: ObservationBatch, times: AcceptedTimes, refused: Map<Refusal, number>): number {
  const moments = [...points.map(({ atMs }) => atMs), ...endMs.subarray(0, spanCount)];
  const reasons = moments.flatMap((ms) => outside(ms, times) ?? []);
  for (const reason of reasons) refused.set(reason, (refused.get(reason) ?? 0) + 1);
  return moments.length - reasons.length;
}
