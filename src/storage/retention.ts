import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import { type Template, telemetryReachMs } from '../domain/index.js';
import { countDeleted } from '../telemetry/index.js';
import { Database } from './database.js';
import { RetentionStore } from './retention.store.js';

const firstPassMs = 60_000;
const betweenPassesMs = 10 * 60_000;

/** Others use the store for as long as each portion took, and at least so long. */
const shortestPauseMs = 2;

/** What one pass deleted. */
export interface Swept {
  readonly runs: number;
  readonly windows: number;
  /** of no run: tests of endpoints */
  readonly events: number;
  readonly keys: number;
  readonly documents: number;
}

/**
 * Deletes what has had its time, so that the store stays as large as the settings say. Open runs, events that are to be delivered and
 * windows that an open run or a template reads stay whatever the settings say.
 *
 * Every portion is a transaction of its own: a process that is killed in between leaves nothing half deleted but old looks of an old run.
 */
@Injectable()
export class Retention {
  private readonly log = new Logger('retention');
  private readonly stopping = new AbortController();
  private passes: Promise<void> | null = null;

  constructor(
    private readonly database: Database,
    private readonly store: RetentionStore,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'retention'>,
  ) {}

  /** Begins to sweep, now and then. @param templates  whose coming runs will read of the time before them */
  start(templates: () => readonly Template[]): void {
    this.passes ??= this.keepSweeping(templates);
  }

  /** Ends after the portion at work. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('retention is stopping'));
    await this.passes;
  }

  /** Bytes; null: the store does not answer now. */
  async storeBytes(): Promise<number | null> {
    return this.store.bytes().catch(() => null);
  }

  /** One pass. @returns null: another process is at it */
  async sweep(now: Date, templates: readonly Template[], signal: AbortSignal = this.stopping.signal): Promise<Swept | null> {
    return this.database.exclusively('retention', async () => {
      const { runs, windows } = this.settings.retention;
      const before = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
      const test = before(runs.maxAgeSeconds);
      const swept: Swept = {
        runs: await this.sweepRuns(now, signal),
        events: await this.portions(() => this.store.deleteEvents('run_test', test), signal),
        windows: await this.sweepWindows(before(windows.maxAgeSeconds).getTime(), now, templates, signal),
        keys: await this.portions(() => this.store.deleteKeys(now), signal),
        documents: await this.portions(() => this.store.deleteDocuments(test), signal),
      };
      for await (const _ of this.store.cleanUp()) await this.pause(0, signal);
      return swept;
    });
  }

  private async sweepRuns(now: Date, signal: AbortSignal): Promise<number> {
    const { maxAgeSeconds, maxCount } = this.settings.retention.runs;
    const expired = { endedBefore: new Date(now.getTime() - maxAgeSeconds * 1000), beforeId: await this.firstRunTooMany(maxCount, signal) };
    let deleted = 0;
    for (let after = ''; ; ) {
      const runs = await this.store.expiredRuns(expired, now, after);
      for (const run of runs) {
        after = run.id;
        if (await this.sweepRun(run, signal)) deleted += 1;
      }
      if (runs.length === 0) return deleted;
    }
  }

  /** @returns false: it stays, because somebody has still to be told of it */
  private async sweepRun({ id, looks }: { readonly id: string; readonly looks: number }, signal: AbortSignal): Promise<boolean> {
    const began = performance.now();
    if (await this.store.isUndelivered(id)) return false;
    if (looks > 200) {
      await this.portions(() => this.store.deleteEvents(id, null), signal);
      await this.portions(() => this.store.deleteLooks(id, looks), signal);
    }
    const deleted = await this.store.deleteRun(id);
    await this.pause(performance.now() - began, signal);
    return deleted;
  }

  /** Runs whose ids are smaller than this one's are too many; null: none is. */
  private async firstRunTooMany(maxCount: number, signal: AbortSignal): Promise<string | null> {
    let [left, before]: [number, string | null] = [maxCount, null];
    for (;;) {
      const { reached, rows } = await this.store.countRuns(before, left);
      if (reached === null) return null;
      if (rows >= left) return reached;
      [left, before] = [left - rows, reached];
      await this.pause(0, signal);
    }
  }

  private async sweepWindows(expired: number, now: Date, templates: readonly Template[], signal: AbortSignal): Promise<number> {
    const tooMany = await this.windowsTooManyBefore(signal);
    const needed = await this.windowsNeededFrom(now, templates, signal);
    const before = Math.min(needed, Math.max(expired, tooMany));
    return this.portions(() => this.store.deleteWindows(before), signal);
  }

  private async windowsTooManyBefore(signal: AbortSignal): Promise<number> {
    let [left, before]: [number, number | null] = [this.settings.retention.windows.maxCount, null];
    for (;;) {
      const { reached, rows } = await this.store.countWindows(before, left);
      if (reached === null) return Number.NEGATIVE_INFINITY;
      if (rows >= left) return Number(reached);
      [left, before] = [left - Number(rows), Number(reached)];
      await this.pause(0, signal);
    }
  }

  /** What an open run reads, or one that would start now, with the time before it. */
  private async windowsNeededFrom(now: Date, templates: readonly Template[], signal: AbortSignal): Promise<number> {
    let needed = Math.min(now.getTime(), ...templates.map((template) => now.getTime() - telemetryReachMs(template)));
    for (let after = ''; ; ) {
      const runs = await this.store.openRuns(after);
      for (const { id, from, template } of runs) {
        after = id;
        needed = Math.min(needed, from.getTime() - telemetryReachMs(template));
      }
      if (runs.length === 0) return needed;
      await this.pause(0, signal);
    }
  }

  private async portions(work: () => Promise<number>, signal: AbortSignal): Promise<number> {
    for (let all = 0; ; ) {
      const began = performance.now();
      const deleted = await work();
      if (deleted === 0) return all;
      all += deleted;
      await this.pause(performance.now() - began, signal);
    }
  }

  private async pause(took: number, signal: AbortSignal): Promise<void> {
    await delay(Math.max(shortestPauseMs, took), undefined, { signal });
  }

  private async keepSweeping(templates: () => readonly Template[]): Promise<void> {
    const { signal } = this.stopping;
    for (let wait = firstPassMs; !signal.aborted; wait = betweenPassesMs) {
      await delay(wait * (0.9 + 0.2 * Math.random()), undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await this.pass(templates()).catch((error: unknown) => this.reportFailed(error));
    }
  }

  private async pass(templates: readonly Template[]): Promise<void> {
    const began = performance.now();
    const swept = await this.sweep(new Date(), templates);
    if (swept === null) return;
    countDeleted('run', swept.runs);
    countDeleted('window', swept.windows);
    countDeleted('event', swept.events);
    countDeleted('key', swept.keys);
    countDeleted('document', swept.documents);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const { runs, windows, events, keys, documents } = swept;
    const bytes = await this.storeBytes();
    this.log.log(
      `deleted ${runs} runs, ${windows} windows, ${events} test events, ${keys} idempotency keys and ${documents} documents in ${seconds} s; ` +
        `the store has ${bytes === null ? 'an unknown number of' : Math.ceil(bytes / 2 ** 20)} MiB`,
    );
  }

  private reportFailed(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.log.warn(`a pass did not end and is made again later: ${error instanceof Error ? error.message : String(error)}`);
  }
}
