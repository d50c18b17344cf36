import { Injectable, Logger } from '@nestjs/common';
import type { MeasuredWindow, PhaseChange, Run, Verdict } from '../domain/index.js';
import { Database, type Happening, LookStore, OutboxStore, type RunKey, RunStore, runStarted } from '../storage/index.js';
import { countVerdict } from '../telemetry/index.js';
import { metricInWords } from './in-words.js';

/** What one look came to. */
export interface LookTaken {
  readonly at: Date;
  /** what it measured; null: it did not measure (a cancel, an override) */
  readonly window: MeasuredWindow | null;
  readonly verdict: Verdict;
}

/** The only way a verdict becomes true: run, look and events in one transaction, each exactly once. */
@Injectable()
export class VerdictRecorder {
  private readonly logger = new Logger(VerdictRecorder.name);
  private readonly listeners = new Set<(run: Run) => void>();

  constructor(
    private readonly database: Database,
    private readonly runs: RunStore,
    private readonly looks: LookStore,
    private readonly outbox: OutboxStore,
  ) {}

  /**
   * Keeps a new run and tells that it started; a run that exists already is found and told of no more.
   *
   * @throws {ConflictError} the idempotency key was used for another request
   */
  start(run: Run, key: RunKey): Promise<{ run: Run; created: boolean }> {
    return this.database.transaction(async () => {
      const started = await this.runs.create(run, key);
      if (!started.created) return started;
      await this.outbox.add(runStarted(started.run, started.run.createdAt));
      this.database.afterCommit(() => this.tell(started.run));
      return started;
    });
  }

  /**
   * Records the look that follows `run.looks`, if the run still stands where the caller read it.
   *
   * @returns the run as it stands now; null: another look or an end came first, and nothing was written
   */
  record(run: Run, { at, window, verdict }: LookTaken): Promise<Run | null> {
    return this.database.transaction(async () => {
      const recorded = await this.runs.advance(run, verdict, at);
      if (!recorded) return null;
      await this.looks.append({ runId: run.id, sequence: recorded.looks, at, verdict }, window);
      if (isNews(run.verdict, verdict)) await this.outbox.add(happening(recorded, run.verdict, verdict, at));
      this.database.afterCommit(() => this.announce(recorded, verdict));
      return recorded;
    });
  }

  /** Declares another weight of the canary from a moment on. @throws {NotFoundError} {ConflictError} the run has ended */
  async addPhase(id: string, change: PhaseChange): Promise<Run> {
    const run = await this.runs.addPhase(id, change);
    this.database.afterCommit(() => this.tell(run));
    return run;
  }

  /** Calls back after every commit, in this process only: when a run has started or its phase changed, and after each of its looks. The listener must be quick; what it throws is logged. */
  onRecorded(listener: (run: Run) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private announce(run: Run, { decision }: Verdict): void {
    countVerdict(decision);
    this.tell(run);
  }

  private tell(run: Run): void {
    for (const listener of this.listeners) {
      try {
        listener(run);
      } catch (error) {
        this.logger.error(`a listener failed on run ${run.id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

const happening = (run: Run, previous: Verdict | null, { final, evidence }: Verdict, at: Date): Happening => ({
  type: final ? 'verdict.final' : 'verdict.changed',
  run,
  previous,
  summaries: evidence.map(metricInWords),
  at,
});

/** People are told when the answer or its cause changes, and of the end. */
const isNews = (previous: Verdict | null, { decision, code, final }: Verdict): boolean =>
  final || previous?.decision !== decision || previous.code !== code;
