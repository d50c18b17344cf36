import type { ClosedWindow, RecordingPlan } from '../domain/index.js';
import { MetricStreams } from './metric-streams.js';
import { byTimeAndService, CellBudget, OpenWindow } from './open-window.js';
import type { Encoding, Signal } from './otlp-reader.js';
import { usualCohortCap } from './overflow-series.js';
import { PartMerger } from './part-merger.js';
import { anyTime, PartRecorder, type Receipt } from './part-recorder.js';
import { RecentRequests, type RequestMemory } from './recent-requests.js';
import { WindowGrid } from './window-grid.js';

/** What one recorder may hold, and what it makes of streams that began before it did. */
export interface RecorderLimits {
  /** cells with attributes of their own per window; what goes beyond is in overflow cells of its cohort */
  readonly maxSeries: number;
  /** the same for each cohort and signal or metric */
  readonly maxCohortSeries: number;
  /** the first value of a cumulative stream counts when the stream is not older than this, seconds */
  readonly firstValueSeconds: number;
}

const defaults: RecorderLimits = { maxSeries: 100_000, maxCohortSeries: usualCohortCap.mostSeries, firstValueSeconds: 300 };

/** Rows kept in a recorder before they are merged; bounds its memory, and nothing else. */
const mostWaiting = 20_000;

/**
 * Turns requests into windows without a clock, for telemetry that was recorded: windows follow event times alone, and
 * nothing is late.
 *
 * A span belongs to the window in which it ended, because only then is its outcome known. A sum or a histogram belongs
 * to the window in which the time it speaks of ended, a gauge to the one in which it was read.
 */
export class WindowRecorder {
  private readonly recorder: PartRecorder;
  private readonly grid: WindowGrid;
  private readonly merger: PartMerger;
  private readonly budget: CellBudget;
  private windows = new Map<string, OpenWindow>();

  /** @param recent  requests that have been here; of use where there are many recorders */
  constructor(plan: RecordingPlan, limits: Partial<RecorderLimits> = {}, recent: RequestMemory = new RecentRequests()) {
    const { maxSeries, maxCohortSeries, firstValueSeconds } = { ...defaults, ...limits };
    this.recorder = new PartRecorder(plan, { maxSeries, maxCohortSeries, maxObservations: Number.POSITIVE_INFINITY }, [], recent);
    this.grid = new WindowGrid(plan.windowMs);
    const cohorts = { by: plan.cohorts ?? usualCohortCap.by, mostSeries: maxCohortSeries };
    this.budget = new CellBudget(maxSeries, Number.POSITIVE_INFINITY, cohorts);
    const firstValue = { startedFromMs: Number.NEGATIVE_INFINITY, maxAgeMs: firstValueSeconds * 1000 };
    this.merger = new PartMerger(new MetricStreams(firstValue, 10 * maxSeries));
  }

  /** Records the body of one OTLP/HTTP request. @throws {MalformedOtlpError} then nothing of it counts */
  record(signal: Signal, encoding: Encoding, body: Uint8Array): Receipt {
    return this.counted(this.recorder.record(this.recorder.read(signal, encoding, body), anyTime));
  }

  /** Records one parsed OTLP/JSON request, of whatever signals it holds. @throws {MalformedOtlpError} */
  recordDocument(document: unknown): Receipt {
    return this.counted(this.recorder.record(this.recorder.readDocument(document), anyTime));
  }

  /** Everything recorded so far, by time and service; recording starts again with nothing. */
  closeAll(): ClosedWindow[] {
    this.merge();
    const open = [...this.windows.values()].sort(byTimeAndService);
    this.windows = new Map();
    return open.map((window) => window.close(0));
  }

  private counted(receipt: Receipt): Receipt {
    if (this.recorder.load > mostWaiting || this.recorder.crowded) this.merge();
    return receipt;
  }

  private merge(): void {
    const steps = this.merger.merge(this.recorder.take(0), 0, 0, (service, ms) => this.windowAt(service, ms));
    while (!steps.next().done); // nobody is to be served in between
  }

  private windowAt(service: string, ms: number): OpenWindow {
    const slice = this.grid.sliceAt(ms);
    const key = `${slice.from} ${service}`;
    const window = this.windows.get(key) ?? new OpenWindow(service, slice, this.budget);
    this.windows.set(key, window);
    return window;
  }
}
