import type { Run } from '../domain/index.js';
import { RunStore } from '../storage/index.js';

/** The store is asked this often: other replicas start and end runs too. */
const refreshMs = 1_000;

/**
 * The runs that go on. What this process starts and moves on it is told at once; what others do it reads from the store
 * now and then, and of that only what it does not know.
 */
export class OpenRuns {
  private readonly byId = new Map<string, Run>();
  /** told of since the last question to the store was asked: they may be newer than its answer */
  private readonly told = new Set<string>();
  private nextRefresh = 0;
  private isReading = false;

  /** @param onNew  called with each run that was not known */
  constructor(
    private readonly runs: RunStore,
    private readonly onNew: (run: Run) => void,
  ) {}

  get size(): number {
    return this.byId.size;
  }

  all(): Iterable<Run> {
    return this.byId.values();
  }

  find(id: string): Run | undefined {
    return this.byId.get(id);
  }

  /** The run as it stands now; one that has ended is forgotten. */
  update(run: Run): void {
    this.told.add(run.id);
    const known = this.byId.get(run.id);
    if (run.state !== 'running') this.byId.delete(run.id);
    else if (!known || known.looks <= run.looks) this.byId.set(run.id, run);
    if (!known && run.state === 'running') this.onNew(run);
  }

  /** Somebody else has ended it or moved it on: the store knows. */
  forget(id: string): void {
    this.byId.delete(id);
    this.nextRefresh = 0;
  }

  /** Is it time to ask the store? */
  isStale(): boolean {
    return !this.isReading && performance.now() >= this.nextRefresh;
  }

  /** Reads which runs go on. @returns those that are new or have moved on */
  async refresh(): Promise<Run[]> {
    this.isReading = true;
    this.nextRefresh = performance.now() + refreshMs;
    this.told.clear();
    try {
      const standing = await this.runs.standing();
      const read: Run[] = [];
      for (const { id, looks } of standing) {
        const known = this.byId.get(id);
        if (this.told.has(id) || (known && known.looks >= looks)) continue;
        const run = await this.runs.find(id);
        if (run?.state !== 'running') continue;
        this.update(run);
        read.push(run);
      }
      const ids = new Set(standing.map(({ id }) => id));
      for (const id of [...this.byId.keys()]) if (!ids.has(id) && !this.told.has(id)) this.byId.delete(id);
      return read;
    } catch (error) {
      this.nextRefresh = 0;
      throw error;
    } finally {
      this.isReading = false;
    }
  }
}
