import { Injectable } from '@nestjs/common';
import { StartRun, type StartRunRequest } from '../../analysis/index.js';
import { ConflictError, type Run } from '../../domain/index.js';

/** By what the calls of a deploy tool are known to be about one rollout. */
export interface RolloutKey {
  /** the same in every call, and in no call about another rollout */
  readonly key: string;
  /** the run belongs to an earlier rollout: this one needs a run of its own */
  readonly isOver: (run: Run) => boolean | Promise<boolean>;
  /** beside the caller's labels; may begin with `assay.` */
  readonly ownLabels?: Readonly<Record<string, string>>;
}

const mostRounds = 100;

/** One run for one rollout, however often its tool asks, and whichever replica it asks. */
@Injectable()
export class RolloutRuns {
  constructor(private readonly startRun: StartRun) {}

  /**
   * The run of this rollout, started where there is none. Runs that are over are links of a chain: each key names the run before it,
   * so that callers at the same moment find the same one. The space keeps these keys apart from those of `Idempotency-Key`.
   */
  async openOrJoin(request: Omit<StartRunRequest, 'idempotencyKey'>, rollout: RolloutKey, now: Date): Promise<Run> {
    const { template, given } = this.startRun.resolve({ ...request, idempotencyKey: null });
    const labels = { ...request.labels, ...rollout.ownLabels };
    let key = `rollout ${rollout.key}`;
    for (let round = 0; round < mostRounds; round++) {
      const asked = { ...request, arguments: given, labels, idempotencyKey: key };
      const { run } = await this.startRun.start(template, asked, now, { rollout: rollout.key });
      if (!(await rollout.isOver(run))) return run;
      key = `rollout ${rollout.key} after ${run.id}`;
    }
    throw new ConflictError('this rollout had too many runs within a day: choose another key for it');
  }
}
