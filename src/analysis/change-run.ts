import { Injectable } from '@nestjs/common';
import { ConflictError, type Decision, InvalidRequestError, type Run, type Verdict } from '../domain/index.js';
import { RunStore } from '../storage/index.js';
import { VerdictRecorder } from '../verdicts/index.js';
import { isAnybody } from './reference-periods.js';
import { groupLabel, phaseOf, StartRun } from './start-run.js';

/** Who did it and why; kept with the run. */
export interface HumanAct {
  readonly reason: string;
  readonly actor: string;
}

/** What people and deploy tools may do to a run that is going on. */
@Injectable()
export class ChangeRun {
  constructor(
    private readonly runs: RunStore,
    private readonly verdicts: VerdictRecorder,
    private readonly startRun: StartRun,
  ) {}

  /** The canary has another share of the traffic from now on. Evidence goes on. */
  async phase(id: string, { weight, phase }: { weight: number | null; phase?: number }, now: Date): Promise<Run> {
    const run = await this.openRun(id);
    if (weight !== null && !(weight > 0 && weight <= 1)) throw new InvalidRequestError(`weight is a share in (0, 1], got ${weight}`);
    const last = Math.max(0, run.template.phases.length - 1);
    const next = phase ?? phaseOf(run.template, weight);
    if (!(Number.isInteger(next) && next >= 0 && next <= last))
      throw new InvalidRequestError(`phase is an integer from 0 to ${last}, got ${next}`);
    return this.verdicts.addPhase(id, { at: now, weight, phase: next });
  }

  /** Stops the run. Never a success: deploy tools read it as hold. */
  async cancel(id: string, { reason, actor }: HumanAct, now: Date): Promise<Run> {
    return this.end(id, 'hold', 'cancelled', `cancelled by ${actor}: ${reason}`, now);
  }

  /** A person decides instead of the evidence, which stays beside the decision. */
  async override(id: string, { decision, reason, actor }: HumanAct & { decision: Decision }, now: Date): Promise<Run> {
    return this.end(id, decision, 'overridden', `${decision} decided by ${actor}: ${reason}`, now);
  }

  /** The same question again, on the template text that this run was pinned to. */
  async rerun(id: string, idempotencyKey: string | null, now: Date): Promise<{ run: Run; created: boolean }> {
    const run = await this.runs.get(id);
    if (run.state === 'running') throw new ConflictError(`run ${id} is still going on: cancel it first`);
    const side = (cohort: 'baseline' | 'canary'): Record<string, string> =>
      Object.fromEntries(run.cohorts[cohort].map(({ attribute, value }) => [attribute, value]));
    const again = {
      template: run.template.name,
      arguments: run.arguments,
      baseline: isAnybody(run) ? null : side('baseline'),
      canary: side('canary'),
      weight: run.phaseChanges[0]?.weight ?? null,
      labels: withoutGroup(run.labels),
      idempotencyKey,
      from: run.mode === 'retrospective' ? run.from : null,
      to: run.to,
      rerunOf: run.id,
    };
    return this.startRun.start(run.template, again, now, again);
  }

  private async end(id: string, decision: Decision, code: 'cancelled' | 'overridden', reason: string, now: Date): Promise<Run> {
    // A look may be recorded at the same moment: whoever commits first wins, and the other sees a newer run.
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const run = await this.openRun(id);
      const verdict: Verdict = { ...(run.verdict ?? nothingSeen), decision, code, reason, final: true, etaSeconds: null };
      const ended = await this.verdicts.record(run, { at: now, window: null, verdict });
      if (ended) return ended;
    }
    throw new ConflictError(`run ${id} is changing too fast to be ended: try again`);
  }

  private async openRun(id: string): Promise<Run> {
    const run = await this.runs.get(id);
    if (run.state !== 'running')
      throw new ConflictError(`run ${id} has ended with ${run.verdict?.decision ?? 'no verdict'}: a final verdict never changes`);
    return run;
  }
}

/** A variant that is asked about again is asked alone, on its part of the budget. */
const withoutGroup = ({ [groupLabel]: _, ...labels }: Run['labels']): Run['labels'] => labels;

const nothingSeen: Verdict = {
  decision: 'hold',
  final: false,
  code: 'insufficient-evidence',
  reason: '',
  score: 50,
  evidence: [],
  elapsedSeconds: 0,
  etaSeconds: null,
};
