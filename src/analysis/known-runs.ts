import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { NotFoundError, type Run } from '../domain/index.js';
import { Database, RunStore } from '../storage/index.js';
import { VerdictRecorder } from '../verdicts/index.js';

const mostKnown = 1_000;

/**
 * Runs as they stand, without asking the store for what this process knows.
 *
 * An embedded store is this process's alone, and everything that happens to a run is told here: what was read once stays
 * true, and a question about it does not queue behind what is being written. With PostgreSQL other replicas move runs on,
 * so it is asked each time.
 */
@Injectable()
export class KnownRuns implements OnModuleDestroy {
  /** least recently asked for first */
  private readonly byId = new Map<string, Run>();
  private readonly forget: () => void;

  constructor(
    private readonly runs: RunStore,
    private readonly database: Database,
    verdicts: VerdictRecorder,
  ) {
    this.forget = verdicts.onRecorded((run) => this.told(run));
  }

  onModuleDestroy(): void {
    this.forget();
  }

  /** @throws {NotFoundError} */
  async get(id: string): Promise<Run> {
    const run = await this.find(id);
    if (!run) throw new NotFoundError(`there is no run ${JSON.stringify(id)}`);
    return run;
  }

  async find(id: string): Promise<Run | null> {
    if (!this.database.embedded) return this.runs.find(id);
    const known = this.byId.get(id);
    if (known) {
      this.keep(known);
      return known;
    }
    const read = await this.runs.find(id);
    const told = this.byId.get(id); // while it was read
    if (read && !told) this.keep(read);
    return told ?? read;
  }

  /** What is told of one run comes in the order in which it was committed, but for a change of phase, which may be a look late. */
  private told(run: Run): void {
    if (!this.database.embedded) return;
    const known = this.byId.get(run.id);
    const isOlder = known !== undefined && (known.looks > run.looks || known.state !== 'running');
    if (!isOlder) this.keep(run);
    else if (run.phaseChanges.length > known.phaseChanges.length) this.keep({ ...known, phaseChanges: run.phaseChanges });
  }

  private keep(run: Run): void {
    this.byId.delete(run.id);
    this.byId.set(run.id, run);
    for (const id of this.byId.keys()) {
      if (this.byId.size <= mostKnown) break;
      this.byId.delete(id);
    }
  }
}
