import { Inject, Injectable, Logger } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import {
  AssayError,
  type ClosedWindow,
  planRecording,
  type RecordingPlan,
  StoreUnavailableError,
  type TimeSlice,
} from '../domain/index.js';
import { ReceivingLifeStore, WindowStore } from '../storage/index.js';
import { countClosedWindows, countLateObservations, countSpans } from '../telemetry/index.js';
import { InTurns } from './in-turns.js';
import { OwnLife } from './own-life.js';
import { ReceivingGate } from './receiving-gate.js';
import { ReceivingThreads } from './receiving-threads.js';
import { type Restart, WindowCollector } from './window-collector.js';
import type { WindowPart } from './window-part.js';

/** Where no receiving thread says anything: after this long the clock closes windows, and what could not be stored is tried again. */
const tickMs = 250;
const retryMs = 1_000;
/** cells that may wait for a store that does not answer before senders are asked to wait, in multiples of maxSeries */
const backlogFactor = 5;
const mostWindowsWaiting = 5_000;
/** cells that are closed before others are served: some milliseconds */
const cellsAtOnce = 5_000;

type ClosedListener = (closedThrough: number) => void;

/**
 * Receives OTLP/HTTP and OTLP/gRPC, and puts windows into the store when they close.
 *
 * `closedThrough` moves on only when everything before it is stored; it does so with the clock, data or not. When the
 * store fails, windows wait and are tried again, and beyond a bound senders get 503.
 */
@Injectable()
export class IngestServer {
  private readonly log = new Logger('ingest');
  private readonly listeners = new Set<ClosedListener>();
  private readonly threads: ReceivingThreads;
  private readonly gate: ReceivingGate;
  /** parts to be merged and windows to be closed, in the order in which they came */
  private readonly work = new InTurns((error) => this.report(error));
  /** that something is received now; where telemetry is read from a log that is said when something is pushed all the same */
  private begin: () => Promise<void> = async () => undefined;
  /** once is enough */
  private saysLate = true;
  private isClosing = false;
  private plan: RecordingPlan = planRecording([]);
  private collector: WindowCollector;
  private readonly life: OwnLife;
  private waiting: ClosedWindow[] = [];
  private waitingCells = 0;
  /** as far as windows are closed; stored they may not be yet */
  private reached = 0;
  private through = 0;
  private writing: Promise<void> | null = null;
  /** by {@link performance.now}, which nobody sets back */
  private notBefore = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly store: WindowStore,
    lives: ReceivingLifeStore,
  ) {
    const { otlp, tokensFile } = settings;
    this.life = new OwnLife(lives, store);
    this.collector = this.newCollector();
    this.threads = new ReceivingThreads(
      { otlp, tokensFile, plan: this.plan },
      { onPart: (part, thread, merged) => this.work.add(this.merging(part, thread, merged)), onProblem: (problem) => this.report(problem) },
    );
    this.gate = new ReceivingGate(otlp.maxBytesInFlight, this.threads.memory.gate);
  }

  /** The port it listens on; of use where the settings said 0. */
  get port(): number {
    return this.threads.ports.http;
  }

  /** The same of OTLP/gRPC; null: it is not received. */
  get grpcPort(): number | null {
    return this.threads.ports.grpc;
  }

  /** Does any thread listen, as far as it is meant to? One that died is being replaced. */
  get isReceiving(): boolean {
    return this.timer === undefined || this.threads.isReceiving;
  }

  /** Milliseconds: every pushed window that ends at or before this moment is closed and stored. */
  closedThrough(): number {
    return this.through;
  }

  /** Is telemetry of this stretch still to be closed or stored? Recorded telemetry that is being fed closes when it falls quiet. */
  isOpenWithin(slice: TimeSlice): boolean {
    return this.collector.isOpenWithin(slice) || this.waiting.some(({ from, to }) => from < slice.to && to > slice.from);
  }

  /** Calls back whenever {@link closedThrough} has moved on. @returns how to end that */
  onClosed(listener: ClosedListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What to keep from now on. Windows that are open keep the length they began with. */
  usePlan(plan: RecordingPlan): void {
    const isRecordedAlike = recordedBy(plan) === recordedBy(this.plan);
    this.plan = plan;
    if (isRecordedAlike) this.collector.nameServices(plan);
    else this.threads.usePlan(plan, this.collector.usePlan(plan, Date.now()));
  }

  async start(): Promise<void> {
    const startedAt = Date.now();
    const lost = await this.life.settle(startedAt);
    const restart = await this.restartAt(startedAt);
    this.collector = this.newCollector(startedAt, restart, lost);
    const { latenessMs, windowMs } = this.plan;
    const [openFrom, openUntil] = [restart?.closedThrough ?? startedAt - latenessMs - windowMs, restart?.waitUntil ?? startedAt];
    this.begin = () => this.life.begin(openFrom, openUntil);
    if (!this.settings.kafka) await this.begin();
    await this.threads.start();
    this.timer = setInterval(() => this.tick(), tickMs);
    const { host, threads } = this.settings.otlp;
    this.log.log(`OTLP on ${host}, HTTP at ${this.port}, gRPC at ${this.grpcPort ?? 'no port'}, ${threads} threads`);
  }

  /**
   * Answers 503 from now on, finishes what has begun, and stores the windows that are due. A window that is still open
   * is dropped, and the next start marks it as incomplete: stored, it would look complete and could never be added to.
   */
  async stop(): Promise<void> {
    this.gate.state = 'stopping';
    clearInterval(this.timer);
    await this.threads.stop();
    this.closeDue();
    await this.work.finished();
    while (this.writing !== null) await this.writing;
    await this.write();
    const { openWindows } = this.collector;
    if (openWindows > 0) this.log.warn(`${openWindows} windows were still open and are dropped: they will be marked as incomplete`);
    if (this.waiting.length > 0) this.log.error(`${this.waiting.length} closed windows could not be stored and are lost`);
    await this.life.end([...this.collector.openSlices(), ...this.waiting]).catch((error: unknown) => this.report(error));
  }

  private newCollector(startedAt = Date.now(), restart: Restart | null = null, lost: readonly TimeSlice[] = []): WindowCollector {
    const { maxSeries, maxCohortSeries, maxAgeSeconds } = this.settings.otlp;
    return new WindowCollector(this.plan, { maxSeries, maxCohortSeries, maxAgeMs: maxAgeSeconds * 1000 }, startedAt, restart, lost);
  }

  /** @returns null: nothing was received in the time for which telemetry is accepted, so nothing is sent again */
  private async restartAt(startedAt: number): Promise<Restart | null> {
    const { restartGraceSeconds, maxAgeSeconds } = this.settings.otlp;
    if (restartGraceSeconds === 0) return null;
    const closedThrough = await this.store.newestEnd();
    if (closedThrough === null || closedThrough < startedAt - maxAgeSeconds * 1000) return null;
    return { closedThrough, waitUntil: startedAt + this.plan.latenessMs + restartGraceSeconds * 1000 };
  }

  private *merging(part: WindowPart, thread: number, merged: () => void): Generator<void, void> {
    try {
      const late = yield* this.collector.mergeInSteps(part, thread, Date.now());
      if (late > 0) countLateObservations(late);
    } finally {
      merged();
    }
    if (this.collector.openWindows > 0) this.begin().catch((error: unknown) => this.report(error));
    if (part.accepted > 0) countSpans('accepted', part.accepted);
    for (const [reason, count] of part.refused) countSpans('refused', count, reason);
    this.closeDue();
  }

  private tick(): void {
    this.closeDue();
    this.flush();
    this.openOrShut();
  }

  /** Senders keep what could not be kept here: too much waits for the store, or its disk is full. */
  private openOrShut(): void {
    if (this.gate.state === 'stopping') return;
    const full = this.waitingCells > backlogFactor * this.settings.otlp.maxSeries || this.waiting.length > mostWindowsWaiting;
    this.gate.state = full || !this.store.hasRoom() ? 'overloaded' : 'open';
  }

  /** Windows close when the last thread has handed over what it received until they were due: at that moment, not at the next tick. */
  private closeDue(): void {
    const now = Date.now();
    if (this.isClosing || !this.collector.isAnyDue(this.threads.asOf(now), now)) return;
    this.isClosing = true;
    this.work.add(this.closing());
  }

  private *closing(): Generator<void, void> {
    this.isClosing = false; // what falls due from here on is another closing
    for (let more = true; more; ) {
      const now = Date.now();
      const closing = this.collector.close(this.threads.asOf(now), now, cellsAtOnce);
      this.waiting.push(...closing.windows);
      this.waitingCells += cellsIn(closing.windows);
      this.reached = closing.closedThrough;
      more = closing.more;
      if (more) yield;
    }
    this.openOrShut();
    this.flush();
  }

  /** Stores what is closed, and then what was closed meanwhile: one write at a time. */
  private flush(): void {
    const hasNews = this.waiting.length > 0 || this.reached > this.through;
    if (!hasNews || this.writing !== null || performance.now() < this.notBefore) return;
    this.writing = this.write().finally(() => {
      this.writing = null;
      this.flush();
    });
  }

  private async write(): Promise<void> {
    const windows = [...this.waiting];
    const { reached } = this;
    try {
      if (windows.length > 0) countClosedWindows(await this.store.append(windows, (window) => this.refuse(window)));
    } catch (error) {
      this.report(error);
      this.notBefore = performance.now() + retryMs;
      if (error instanceof StoreUnavailableError || !(await this.writeEach(windows))) return;
    }
    this.waiting.splice(0, windows.length);
    this.waitingCells -= cellsIn(windows);
    this.moveOn(reached);
  }

  /**
   * One of them is more than the store can take: the others must not wait for it for ever.
   *
   * @returns false: the store does not answer, all are to be tried again
   */
  private async writeEach(windows: readonly ClosedWindow[]): Promise<boolean> {
    for (const window of windows) {
      try {
        await this.store.append([window], (refused) => this.refuse(refused));
      } catch (error) {
        if (error instanceof StoreUnavailableError) return false;
        this.log.error(`the window of ${window.service} at ${new Date(window.from).toISOString()} is lost: ${String(error)}`);
      }
    }
    return true;
  }

  /** A window of the same time is stored already, and never changes: what came for this one was late. */
  private refuse(window: ClosedWindow): void {
    const late = this.collector.refuse(window);
    if (late > 0) countLateObservations(late);
    if (this.saysLate)
      this.log.warn('telemetry came for windows that were stored before: it is late and not used (assay_late_observations)');
    this.saysLate = false;
  }

  private moveOn(reached: number): void {
    if (reached <= this.through) return;
    this.through = reached;
    for (const listener of this.listeners) {
      try {
        listener(reached);
      } catch (error) {
        this.report(error);
      }
    }
  }

  private report(problem: unknown): void {
    const isBug = problem instanceof Error && !(problem instanceof AssayError);
    this.log.error(isBug ? (problem.stack ?? problem.message) : problem instanceof Error ? problem.message : String(problem));
  }
}

/** Everything of a plan but whom there is room for: that is no reason to begin anew. */
const recordedBy = ({ services: _, ...plan }: RecordingPlan): string => JSON.stringify(plan);

const cellsIn = (windows: readonly ClosedWindow[]): number => windows.reduce((sum, { cells }) => sum + cells.length, 0);
