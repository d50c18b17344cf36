import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../config/index.js';
import { NotFoundError, type Run } from '../../../domain/index.js';
import { verdictOnWire } from '../../runs/wire.js';
import { atPresentWeight } from '../present-verdict.js';
import { FirstSteps } from './first-steps.js';
import { FlaggerRuns } from './flagger-runs.js';
import { type FlaggerHook, meaningOf } from './hook.js';

/** Flagger takes 200 to 202 for yes and shows the text of a 403 in its events. */
export interface HookAnswer {
  readonly status: 200 | 202 | 403;
  readonly text: string;
}

/** What each hook means. Gates say yes only to a promote; the rollback hook says yes only to a rollback. */
@Injectable()
export class FlaggerHooks {
  constructor(
    private readonly runs: FlaggerRuns,
    private readonly firstSteps: FirstSteps,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The rollout may begin where it can be judged: the template is known and its run goes on. */
  async confirmRollout(hook: FlaggerHook, now: Date): Promise<HookAnswer> {
    const run = await this.runs.begin(hook, now);
    return run.state === 'running' ? this.yes(run) : this.gate(run, isPromote(run));
  }

  /** Called while the canary has no traffic, so the first step may follow. */
  async preRollout(hook: FlaggerHook, now: Date): Promise<HookAnswer> {
    const answer = await this.confirmRollout(hook, now);
    if (answer.status === 200) this.firstSteps.allow(hook);
    return answer;
  }

  /** A no is a failed check, so whoever wires it wants nothing but promote to pass. */
  async rollout(hook: FlaggerHook, now: Date): Promise<HookAnswer> {
    const run = await this.known(hook, now);
    return this.gate(run, isPromote(run));
  }

  /** From no traffic to some needs no evidence; each further step needs a promote at the present weight. */
  async confirmTrafficIncrease(hook: FlaggerHook, now: Date): Promise<HookAnswer> {
    if (hook.canaryWeight === 0) return this.confirmRollout(hook, now);
    const run = await this.told(await this.runs.continue(hook, now), hook, now);
    const isFirst = this.firstSteps.take(hook) && run.state === 'running' && run.verdict?.decision !== 'rollback';
    return isFirst ? this.yes(run) : this.gate(run, isPromote(run));
  }

  /** Safe at an early weight is not safe as a whole. */
  async confirmPromotion(hook: FlaggerHook, now: Date): Promise<HookAnswer> {
    const run = await this.known(hook, now);
    return this.gate(run, isPromote(run) && run.verdict?.code !== 'phase-safe');
  }

  /** Yes rolls back. Whatever is not known is no. */
  async rollback(hook: FlaggerHook, now: Date): Promise<HookAnswer> {
    const run = await this.known(hook, now);
    return this.gate(run, run.state !== 'cancelled' && run.verdict?.decision === 'rollback');
  }

  /** Nobody will ask any more. A release that is promoted and bakes is watched on. */
  async postRollout(hook: FlaggerHook, now: Date): Promise<HookAnswer> {
    const run = await this.known(hook, now);
    const isWatchedOn = hook.phase === 'Succeeded' && run.verdict?.code === 'baking';
    if (!isWatchedOn) await this.runs.close(run, hook.phase, now);
    await this.runs.endRollout(run, hook, now);
    return { status: 200, text: `closed: ${this.urlOf(run)}` };
  }

  /** Tells where the rollout is. The first event of a rollout starts its run, where the hook's metadata names a template. */
  async event(hook: FlaggerHook, now: Date): Promise<HookAnswer> {
    const meaning = meaningOf(hook);
    if (meaning?.kind === 'starting' && hook.metadata['template'] !== undefined) {
      await this.runs.begin(hook, now);
      this.firstSteps.allow(hook);
    }
    if (meaning?.kind === 'weight') {
      this.firstSteps.take(hook);
      const run = await this.runs.current(hook);
      if (run) await this.runs.declare(run, meaning.percent, now);
    }
    return { status: 202, text: meaning === null ? 'noted: it says nothing about a run' : 'noted' };
  }

  /** @throws {NotFoundError} unknown is no, for every hook */
  private async known(hook: FlaggerHook, now: Date): Promise<Run> {
    const run = await this.runs.current(hook);
    if (!run) throw new NotFoundError(`there is no run for ${hook.name}.${hook.namespace} at this revision`);
    return this.told(run, hook, now);
  }

  /** Recent versions of Flagger tell the weight with every hook. */
  private async told(run: Run, { canaryWeight }: FlaggerHook, now: Date): Promise<Run> {
    return canaryWeight ? this.runs.declare(run, canaryWeight, now) : run;
  }

  private yes(run: Run): HookAnswer {
    return { status: 200, text: this.sentenceOn(run) };
  }

  private gate(run: Run, isOpen: boolean): HookAnswer {
    return { status: isOpen ? 200 : 403, text: this.sentenceOn(run) };
  }

  private sentenceOn(run: Run): string {
    const { decision, reason, url } = verdictOnWire(atPresentWeight(run), this.settings.publicUrl);
    return `${run.state === 'cancelled' ? 'cancelled' : decision}: ${reason} (${url})`;
  }

  private urlOf(run: Run): string {
    return verdictOnWire(run, this.settings.publicUrl).url;
  }
}

const isPromote = (run: Run): boolean => run.state !== 'cancelled' && atPresentWeight(run).verdict?.decision === 'promote';
