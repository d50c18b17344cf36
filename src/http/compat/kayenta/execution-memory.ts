import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { NotFoundError, type Run } from '../../../domain/index.js';
import { ForeignDocumentStore, RunStore } from '../../../storage/index.js';
import { VerdictRecorder } from '../../../verdicts/index.js';
import { type Execution, executionCollection } from './execution.js';

/** Another replica may have moved a run on without telling this one. */
const refreshMs = 5000;
const mostExecutions = 1000;

interface Remembered {
  readonly execution: Execution;
  readonly run: Run;
  readonly readAt: number;
}

/** Executions with their runs, answered without the store: Orca asks for each of them every second, for hours. */
@Injectable()
export class ExecutionMemory implements OnModuleDestroy {
  private readonly known = new Map<string, Remembered>();
  private readonly forget: () => void;

  constructor(
    private readonly runs: RunStore,
    private readonly documents: ForeignDocumentStore,
    verdicts: VerdictRecorder,
  ) {
    this.forget = verdicts.onRecorded((run) => {
      const before = this.known.get(run.id);
      if (before) this.keep({ ...before, run, readAt: Date.now() });
    });
  }

  onModuleDestroy(): void {
    this.forget();
  }

  /** @throws {NotFoundError} no run, or one that was not started by a client of Kayenta */
  async get(id: string): Promise<Remembered> {
    const known = this.known.get(id);
    if (known && (known.run.state !== 'running' || Date.now() - known.readAt < refreshMs)) return known;
    const execution = known?.execution ?? (await this.documents.find<Execution>(executionCollection, id))?.body;
    if (!execution) throw new NotFoundError(`there is no canary execution '${id.slice(0, 80)}'`);
    const fresh = { execution, run: await this.runs.get(id), readAt: Date.now() };
    this.keep(fresh);
    return fresh;
  }

  private keep(remembered: Remembered): void {
    const { id } = remembered.run;
    this.known.delete(id);
    this.known.set(id, remembered);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= mostExecutions) break;
      this.known.delete(oldest);
    }
  }
}
