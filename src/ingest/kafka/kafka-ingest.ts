import { Inject, Injectable, Logger } from '@nestjs/common';
import { type KafkaSettings, SETTINGS, type Settings } from '../../config/index.js';
import { planRecording, type RecordingPlan } from '../../domain/index.js';
import { type Kept, type StreamPartition, StreamStore } from '../../storage/index.js';
import { countClosedWindows, countLateObservations, observeGauge } from '../../telemetry/index.js';
import type { LogReader } from './log-reader.js';

/** Other replicas close windows too: the store is asked this often how far. */
const askEveryMs = 250;

/**
 * OTLP that is read from Kafka, where brokers are named: how far its windows are closed, whichever replica read them, and
 * the reading itself where this process has that role.
 */
@Injectable()
export class KafkaIngest {
  private readonly log = new Logger('kafka');
  private readonly listeners = new Set<(closedThrough: number) => void>();
  private reader: LogReader | null = null;
  private plan: RecordingPlan = planRecording([]);
  private through = 0;
  private starting: Promise<void> | null = null;
  private asking: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private readonly gauges: (() => void)[] = [];

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly store: StreamStore,
  ) {}

  /** Is OTLP read from Kafka at all, by this process or by others? */
  get isWanted(): boolean {
    return this.kafka !== null;
  }

  /** Milliseconds: every window of the group that ends at or before this moment is closed; 0: not known yet. */
  closedThrough(): number {
    return this.through;
  }

  /** Calls back whenever {@link closedThrough} has moved on. @returns how to end that */
  onClosed(listener: (closedThrough: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  usePlan(plan: RecordingPlan): void {
    this.plan = plan;
    this.reader?.usePlan(plan);
  }

  /** @param reads  false: others read, this process only follows how far windows are closed */
  start(reads: boolean): void {
    const { kafka } = this;
    if (kafka === null) return;
    this.timer = setInterval(() => this.ask(kafka), askEveryMs);
    if (reads) this.starting = this.read(kafka).catch((error: unknown) => this.log.error(String(error)));
  }

  /** Stores what was read, and leaves the group. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.starting;
    for (const forget of this.gauges.splice(0)) forget();
    await this.reader?.stop();
    await this.asking;
  }

  /** The client takes a second to load: only who reads pays, and nobody waits for it. */
  private async read(kafka: KafkaSettings): Promise<void> {
    const { LogReader: Reader } = await import('./log-reader.js');
    const { otlp } = this.settings;
    this.reader = new Reader(
      { kafka, otlp, store: this.store, onKept: (kept) => this.kept(kept), say: (level, message) => this.log[level](message) },
      this.plan,
    );
    for (const topic of Object.values(kafka.topics)) {
      if (topic !== null) this.gauges.push(observeGauge('assay_otlp_kafka_lag', () => this.lagOf(topic), { topic }));
    }
    this.reader.start();
  }

  /** The partitions that this process reads now. */
  partitions(): readonly StreamPartition[] {
    return this.reader?.session?.positions ?? [];
  }

  /** @throws Error with what keeps this process from reading */
  async ping(): Promise<void> {
    if (this.starting !== null && this.reader === null) throw new Error('not connected yet');
    if (this.reader !== null && this.reader.problem !== null) throw new Error(this.reader.problem);
  }

  private get kafka(): KafkaSettings | null {
    return this.settings.kafka ?? null;
  }

  private lagOf(topic: string): number | null {
    const session = this.reader?.session ?? null;
    if (session === null) return null;
    return session.positions.filter((position) => position.topic === topic).reduce((sum, { lag }) => sum + lag, 0);
  }

  private kept({ closed, late, closedThrough }: Kept): void {
    if (closed > 0) countClosedWindows(closed);
    if (late > 0) countLateObservations(late);
    this.moveOn(closedThrough);
  }

  /** A store that does not answer is said elsewhere: here nothing moves on. */
  private ask({ group }: KafkaSettings): void {
    this.asking ??= this.store
      .closedThrough(group)
      .then((through) => this.moveOn(through ?? 0))
      .catch(() => undefined)
      .finally(() => {
        this.asking = null;
      });
  }

  private moveOn(through: number): void {
    if (through <= this.through) return;
    this.through = through;
    for (const listener of this.listeners) {
      try {
        listener(through);
      } catch (error) {
        this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
    }
  }
}
