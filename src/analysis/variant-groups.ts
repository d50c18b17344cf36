import { Injectable } from '@nestjs/common';
import { ConflictError, InvalidRequestError, NotFoundError, type Run } from '../domain/index.js';
import { Database, RunStore, timeSortableId } from '../storage/index.js';
import { regressedVariants } from './regressed-variants.js';
import { type CohortChoice, groupLabel, StartRun, type StartRunRequest } from './start-run.js';

/** Several variants against one baseline: what a run asks for, with a list of canaries. */
export type StartGroupRequest = Omit<StartRunRequest, 'canary'> & { readonly canaries: readonly CohortChoice[] };

/** More variants than this have too small a share of the budget each. */
const mostVariants = 20;

/** The runs of one experiment, by the name of their canary, and which variants regressed. */
export interface VariantGroup {
  readonly id: string;
  readonly runs: readonly Run[];
  /** ids of runs: at the look at which somebody stops and acts on it, on average at most `falseDiscoveryRate` of them are healthy */
  readonly regressed: readonly string[];
  readonly falseDiscoveryRate: number;
}

/** Feature flags with several variants: one run each, one budget for false rollbacks together. */
@Injectable()
export class VariantGroups {
  constructor(
    private readonly database: Database,
    private readonly startRun: StartRun,
    private readonly runs: RunStore,
  ) {}

  /**
   * Starts all of them or none; the same key, or the same open variants, gives the group that exists.
   *
   * @throws {ConflictError} some of the variants are judged already in another way
   */
  async start(request: StartGroupRequest, now: Date): Promise<{ group: VariantGroup; created: boolean }> {
    const { canaries, ...rest } = request;
    checkVariants(request);
    const { template, given } = this.startRun.resolve(rest);
    const shared = { ...template.budget, falseRollback: template.budget.falseRollback / canaries.length };
    const id = timeSortableId('grp', now);
    const labels = { ...request.labels, [groupLabel]: id };
    const found = await this.database.transaction(async () => {
      const ids = new Set<string | undefined>();
      for (const [index, canary] of canaries.entries()) {
        const idempotencyKey = request.idempotencyKey && `${request.idempotencyKey} ${index}`;
        const variant = { ...rest, arguments: given, canary, labels, idempotencyKey };
        const { run } = await this.startRun.start({ ...template, budget: shared }, variant, now, { ...request, canary });
        ids.add(run.labels[groupLabel]);
      }
      const [existing] = ids;
      if (ids.size !== 1 || existing === undefined || (await this.runsOf(existing)).length !== canaries.length)
        throw new ConflictError('some of these variants are judged already, alone or with others: end those runs first');
      return existing;
    });
    return { group: await this.get(found), created: found === id };
  }

  /** @throws {NotFoundError} */
  async get(id: string): Promise<VariantGroup> {
    const runs = await this.runsOf(id);
    if (runs.length === 0) throw new NotFoundError(`there is no group ${JSON.stringify(id)}`);
    return { id, runs, ...regressedVariants(runs) };
  }

  private async runsOf(id: string): Promise<Run[]> {
    const { runs } = await this.runs.list({ limit: mostVariants, cursor: null, labels: { [groupLabel]: id } });
    return runs.sort((a, b) => (a.names.canary < b.names.canary ? -1 : 1));
  }
}

function checkVariants({ canaries, weight }: StartGroupRequest): void {
  if (canaries.length < 2 || canaries.length > mostVariants)
    throw new InvalidRequestError(`a group has 2 to ${mostVariants} variants, got ${canaries.length}`);
  const names = canaries.map((canary) => JSON.stringify(typeof canary === 'string' ? canary : Object.entries(canary).sort()));
  if (new Set(names).size < names.length) throw new InvalidRequestError('a variant is named twice');
  if (weight !== null) throw new InvalidRequestError('`weight` is the share of one canary: leave it out where there are several');
}
