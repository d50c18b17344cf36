import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { ConflictError, NotFoundError, type PhaseChange, type Run, type RunState, type Verdict } from '../domain/index.js';
import { Database } from './database.js';
import { columnText } from './ids.js';
import { decodePhases, encodePhases, labelsOf, rowOf, runOf, verdictColumns } from './run-row.js';

/** By what a run is recognised when it is asked for again. */
export interface RunKey {
  /** what the caller sent as Idempotency-Key; remembered for 24 h */
  readonly idempotencyKey: string | null;
  /** digest of what the request asks for */
  readonly requestHash: string;
  /** runs in state running differ in it: one open run per (template, service, canary) */
  readonly openKey: string;
}

export interface RunFilter {
  readonly limit: number;
  /** `next` of the page before; null: from the newest */
  readonly cursor: string | null;
  readonly state?: RunState | undefined;
  readonly template?: string | undefined;
  /** all of them must be on the run */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

const keyLifetimeMs = 24 * 3_600_000;

/** Runs, each exactly once however often it is asked for. */
@Injectable()
export class RunStore {
  constructor(private readonly database: Database) {}

  /**
   * Keeps a new run, or finds the one that this request already started or that is open for the same rollout.
   *
   * @throws {ConflictError} the idempotency key was used for another request in the last 24 h
   */
  create(run: Run, key: RunKey): Promise<{ run: Run; created: boolean }> {
    return this.database.transaction(async () => {
      const known = key.idempotencyKey === null ? null : await this.claimKey(run, key.idempotencyKey, key.requestHash);
      if (known !== null) return { run: await this.get(known), created: false };
      const kept = await this.insertOrJoin(run, columnText(key.openKey));
      if (!kept.created && key.idempotencyKey !== null) await this.pointKey(key.idempotencyKey, kept.run.id);
      return kept;
    });
  }

  /** @throws {NotFoundError} */
  async get(id: string): Promise<Run> {
    const run = await this.find(id);
    if (!run) throw new NotFoundError(`there is no run ${JSON.stringify(id)}`);
    return run;
  }

  async find(id: string): Promise<Run | null> {
    const row = await this.database.db.selectFrom('run').selectAll().where('id', '=', columnText(id)).executeTakeFirst();
    return row ? runOf(row) : null;
  }

  /** A page of runs, newest first. */
  async list({ limit, cursor, state, template, labels = {} }: RunFilter): Promise<{ runs: Run[]; next: string | null }> {
    let query = this.database.db
      .selectFrom('run')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(limit + 1);
    if (cursor !== null) query = query.where('id', '<', columnText(cursor));
    if (state) query = query.where('state', '=', state);
    if (template !== undefined) query = query.where('template_name', '=', columnText(template));
    if (Object.keys(labels).length > 0) query = query.where(sql<boolean>`labels @> ${labelsOf(labels)}::text[]`);
    const rows = await query.execute();
    const page = rows.slice(0, limit);
    return { runs: page.map(runOf), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  /** Every run that still goes on, oldest first. */
  async running(): Promise<Run[]> {
    const rows = await this.database.db.selectFrom('run').selectAll().where('state', '=', 'running').orderBy('id').execute();
    return rows.map(runOf);
  }

  /** Which runs go on, oldest first, and at which look they are: far less to read than the runs themselves. */
  async standing(): Promise<{ id: string; looks: number }[]> {
    return this.database.db.selectFrom('run').select(['id', 'looks']).where('state', '=', 'running').orderBy('id').execute();
  }

  /**
   * Declares the canary's weight from a moment on. The evidence so far stays.
   *
   * @throws {NotFoundError}
   * @throws {ConflictError} the run has ended
   */
  addPhase(id: string, change: PhaseChange): Promise<Run> {
    return this.database.transaction(async () => {
      const row = await this.database.db.selectFrom('run').selectAll().where('id', '=', columnText(id)).forUpdate().executeTakeFirst();
      if (!row) throw new NotFoundError(`there is no run ${JSON.stringify(id)}`);
      if (row.state !== 'running') throw new ConflictError(`run ${id} has ended: its phases cannot change any more`);
      const sofar = decodePhases(row.phase_changes);
      const last = sofar.at(-1);
      if (last?.weight === change.weight && last.phase === change.phase) return runOf(row); // said once more
      const phase_changes = encodePhases([...sofar, change]);
      await this.database.db.updateTable('run').set({ phase_changes }).where('id', '=', row.id).execute();
      return runOf({ ...row, phase_changes });
    });
  }

  /**
   * Takes the next verdict, if the run still stands where the caller read it.
   *
   * @returns the run with its new verdict; null: another look or an end came first, and nothing was written
   */
  async advance(run: Run, verdict: Verdict, at: Date): Promise<Run | null> {
    const row = await this.database.db
      .updateTable('run')
      .set({ ...verdictColumns(verdict), looks: run.looks + 1, state: stateAfter(verdict), finished_at: verdict.final ? at : null })
      .where('id', '=', run.id)
      .where('state', '=', 'running')
      .where('looks', '=', run.looks)
      .returning('phase_changes') // another look may not have come first, another phase may
      .executeTakeFirst();
    if (!row) return null;
    const finishedAt = verdict.final ? at : null;
    return { ...run, phaseChanges: decodePhases(row.phase_changes), looks: run.looks + 1, verdict, state: stateAfter(verdict), finishedAt };
  }

  /** The run this key already led to; null: the key is new and now belongs to `run`. A parallel request waits here for the first one. */
  private async claimKey(run: Run, idempotencyKey: string, requestHash: string): Promise<string | null> {
    const key = columnText(idempotencyKey);
    const expired = new Date(run.createdAt.getTime() - keyLifetimeMs);
    const { db } = this.database;
    await db.deleteFrom('idempotency_key').where('key', '=', key).where('created_at', '<', expired).execute();
    const claimed = await db
      .insertInto('idempotency_key')
      .values({ key, request_hash: requestHash, run_id: run.id, created_at: run.createdAt })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning('key')
      .executeTakeFirst();
    if (claimed) return null;
    const known = await db.selectFrom('idempotency_key').selectAll().where('key', '=', key).executeTakeFirstOrThrow();
    if (known.request_hash !== requestHash) throw new ConflictError('this Idempotency-Key was used for another request: choose a new one');
    return known.run_id;
  }

  private async pointKey(idempotencyKey: string, runId: string): Promise<void> {
    await this.database.db.updateTable('idempotency_key').set({ run_id: runId }).where('key', '=', columnText(idempotencyKey)).execute();
  }

  /** The open run may end between the two questions, so they are asked again. */
  private async insertOrJoin(run: Run, openKey: string): Promise<{ run: Run; created: boolean }> {
    const { db } = this.database;
    for (let attempt = 0; attempt < 5; attempt++) {
      const inserted = await db
        .insertInto('run')
        .values(rowOf(run, openKey))
        .onConflict((conflict) => conflict.column('open_key').where('state', '=', 'running').doNothing())
        .returningAll()
        .executeTakeFirst();
      if (inserted) return { run: runOf(inserted), created: true };
      const open = await db.selectFrom('run').selectAll().where('open_key', '=', openKey).where('state', '=', 'running').executeTakeFirst();
      if (open) return { run: runOf(open), created: false };
    }
    throw new ConflictError('runs for this rollout start and end faster than they can be found: ask again');
  }
}

function stateAfter(verdict: Verdict): RunState {
  if (!verdict.final) return 'running';
  return verdict.code === 'cancelled' ? 'cancelled' : 'finished';
}
