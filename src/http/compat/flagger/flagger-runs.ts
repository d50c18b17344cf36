import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ChangeRun } from '../../../analysis/index.js';
import { ConflictError, InvalidRequestError, type Run } from '../../../domain/index.js';
import { ForeignDocumentStore, RunStore } from '../../../storage/index.js';
import { TemplateCatalog } from '../../../templates/index.js';
import { RolloutRuns } from '../rollout-runs.js';
import { type FlaggerHook } from './hook.js';

const canaryLabel = 'assay.flagger';
const checksumLabel = 'assay.flagger.checksum';
/** by canary: the run whose rollout is over */
const endedRollouts = 'flagger/ended-rollout';

/** A signal that a rollout begins may come twice: for so long the run that has just ended is still meant. */
const sameBeginningMs = 60_000;

/** The run of each rollout: known by namespace, name and checksum, and only as long as the canary has no newer one. */
@Injectable()
export class FlaggerRuns {
  constructor(
    private readonly runs: RunStore,
    private readonly rollouts: RolloutRuns,
    private readonly change: ChangeRun,
    private readonly catalog: TemplateCatalog,
    private readonly documents: ForeignDocumentStore,
  ) {}

  /** The run that this hook is about; null: there is none, its rollout is over, or another revision came since. */
  async current(hook: FlaggerHook): Promise<Run | null> {
    const newest = await this.newest(hook);
    return newest && isOf(newest, hook) && !(await this.isOfEndedRollout(newest, hook)) ? newest : null;
  }

  /** The run of a rollout that is beginning, with no traffic on the canary yet. What an earlier rollout found is never used again. */
  async begin(hook: FlaggerHook, now: Date): Promise<Run> {
    const newest = await this.newest(hook);
    const isSame = newest && isOf(newest, hook) && isBeginning(newest, now) && !(await this.isOfEndedRollout(newest, hook));
    return isSame ? newest : this.startAfter(newest, hook, now);
  }

  /** The run of a rollout that is going on, started where no hook did before. */
  async continue(hook: FlaggerHook, now: Date): Promise<Run> {
    return (await this.current(hook)) ?? this.startAfter(await this.newest(hook), hook, now);
  }

  /** The run with this weight in force from now on. One that has ended, or ends at this moment, does not mind. */
  async declare(run: Run, percent: number, now: Date): Promise<Run> {
    const weight = percent / 100;
    if (run.state !== 'running' || run.phaseChanges.at(-1)?.weight === weight) return run;
    return (await this.change.phase(run.id, { weight }, now).catch(ignoreConflict)) ?? this.runs.get(run.id);
  }

  /** The rollout is over: nobody asks any more. */
  async close(run: Run, phase: string, now: Date): Promise<void> {
    if (run.state !== 'running') return;
    await this.change.cancel(run.id, { reason: `the rollout ended: ${phase}`, actor: 'flagger' }, now).catch(ignoreConflict);
  }

  /** What its run found is for this rollout only: the same revision, rolled out again, is judged again. */
  async endRollout(run: Run, hook: FlaggerHook, now: Date): Promise<void> {
    const document = { id: canaryOf(hook), label: hook.namespace.slice(0, 200), body: { run: run.id }, createdAt: now, updatedAt: now };
    if (!(await this.documents.add(endedRollouts, document))) await this.documents.replace(endedRollouts, document);
  }

  private async isOfEndedRollout(run: Run, hook: FlaggerHook): Promise<boolean> {
    return (await this.documents.find<{ run: string }>(endedRollouts, canaryOf(hook)))?.body.run === run.id;
  }

  private async newest(hook: FlaggerHook): Promise<Run | null> {
    const { runs } = await this.runs.list({ limit: 1, cursor: null, labels: { [canaryLabel]: canaryOf(hook) } });
    return runs[0] ?? null;
  }

  /** Starts the run that follows this one, or finds the one that another call has started after it. */
  private async startAfter(earlier: Run | null, hook: FlaggerHook, now: Date): Promise<Run> {
    const request = this.requestOf(hook);
    if (earlier?.state === 'running') await this.supersede(earlier, now);
    const { namespace, name, checksum } = hook;
    const key = `flagger ${createHash('sha256')
      .update(JSON.stringify([namespace, name, checksum]))
      .digest('hex')}`;
    const ownLabels = { [canaryLabel]: canaryOf(hook), [checksumLabel]: checksum };
    return this.rollouts.openOrJoin(request, { key, ownLabels, isOver: (run) => this.isOver(run, hook, now) }, now);
  }

  /** A run that ended, or that another revision has, is of an earlier rollout; one that still goes on is ended. */
  private async isOver(run: Run, hook: FlaggerHook, now: Date): Promise<boolean> {
    if (run.state !== 'running') return true;
    if (isOf(run, hook)) return false;
    if (run.labels[canaryLabel] === undefined)
      throw new ConflictError(`run ${run.id} judges the same and was not started by Flagger: cancel it, or wait for its end`);
    await this.supersede(run, now);
    return true;
  }

  private async supersede(run: Run, now: Date): Promise<void> {
    await this.change.cancel(run.id, { reason: 'a new rollout began', actor: 'flagger' }, now).catch(ignoreConflict);
  }

  private requestOf({ name, namespace, metadata }: FlaggerHook) {
    const { template, baseline, canary = name } = metadata;
    if (template === undefined) throw new InvalidRequestError('metadata.template is missing: the Assay template to judge by');
    const { arguments: declared, cohorts } = this.catalog.find(template);
    const known = { service: metadata['service'] ?? name, namespace };
    const given = Object.entries(metadata).filter(([key]) => key.startsWith(argumentPrefix));
    return {
      template,
      arguments: Object.fromEntries([
        ...Object.entries(known).filter(([argument]) => Object.hasOwn(declared, argument)),
        ...given.map(([key, value]) => [key.slice(argumentPrefix.length), value] as const),
      ]),
      baseline: baseline ?? (cohorts.baseline ? null : `${name}-primary`),
      canary,
      weight: null,
      labels: { namespace, app: name },
      from: null,
      to: null,
    };
  }
}

const canaryOf = ({ namespace, name }: FlaggerHook): string => `${namespace}/${name}`;

const isOf = ({ labels }: Run, hook: FlaggerHook): boolean =>
  labels[canaryLabel] === canaryOf(hook) && labels[checksumLabel] === hook.checksum;

/** The canary never had traffic in this run, and it goes on or has just ended. */
function isBeginning({ phaseChanges, finishedAt }: Run, now: Date): boolean {
  if (phaseChanges.some(({ weight }) => weight !== null)) return false;
  return finishedAt === null || now.getTime() - finishedAt.getTime() <= sameBeginningMs;
}

const argumentPrefix = 'argument.';

/** It ended, or changed, at the same moment: then there is nothing left to do. */
function ignoreConflict(error: unknown): void {
  if (!(error instanceof ConflictError)) throw error;
}
