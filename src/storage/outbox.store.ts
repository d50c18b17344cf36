import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import type { OutboxEvent } from '../domain/index.js';
import { Database } from './database.js';
import { endpointOf, wants } from './endpoint.store.js';
import { type Happening, outboxEvent } from './event-body.js';
import { timeSortableId } from './ids.js';

/** Events that are told after the commit, if and only if there is one. */
@Injectable()
export class OutboxStore {
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly database: Database,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'publicUrl'>,
  ) {}

  /**
   * Keeps the event and one delivery for each enabled endpoint that wants it. Call it in the transaction in which it happened:
   * that the event exists and that it happened is then the same fact. Telling the same happening again does nothing.
   *
   * @returns how many endpoints will hear of it
   */
  add(happening: Happening): Promise<number> {
    const event = outboxEvent(happening, this.settings.publicUrl);
    return this.database.transaction(async () => {
      if (!(await this.insert(event))) return 0;
      const endpoints = await this.endpointsFor(happening);
      if (event.type === 'verdict.final') await this.hurryEarlier(event);
      if (endpoints.length > 0) await this.fanOut(event, endpoints);
      this.database.afterCommit(() => this.announce());
      return endpoints.length;
    });
  }

  /** Calls back after every commit that added something to tell, in this process only. */
  onAdded(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private announce(): void {
    for (const listener of this.listeners) listener();
  }

  private async insert(event: OutboxEvent): Promise<boolean> {
    const inserted = await this.database.db
      .insertInto('event')
      .values({ id: event.id, type: event.type, run_id: event.runId, at: event.at, body: event.body })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  private async endpointsFor({ type, run }: Happening): Promise<string[]> {
    const about = {
      type,
      decision: run.verdict?.decision ?? null,
      service: run.arguments['service'] ?? null,
      template: run.template.name,
    };
    const rows = await this.database.db
      .selectFrom('endpoint')
      .selectAll()
      .where('enabled', '=', true)
      .where('deleted_at', 'is', null)
      .orderBy('id')
      .execute();
    return rows.filter((row) => wants(endpointOf(row), about)).map(({ id }) => id);
  }

  private async fanOut(event: OutboxEvent, endpointIds: readonly string[]): Promise<void> {
    const deliveries = endpointIds.map((endpoint_id) => ({
      id: timeSortableId('dlv', event.at),
      event_id: event.id,
      endpoint_id,
      run_id: event.runId,
      state: 'pending',
      lane: event.type === 'verdict.final' ? 'fast' : 'usual',
      due_at: event.at,
      created_at: event.at,
    }));
    await this.database.db.insertInto('delivery').values(deliveries).execute();
  }

  /** Events of a run arrive in order, so what waits before a final verdict must not make it wait. */
  private async hurryEarlier({ runId, at }: OutboxEvent): Promise<void> {
    await this.database.db
      .updateTable('delivery')
      .set(({ fn, ref, val }) => ({ lane: 'fast', lane_attempts: 0, due_at: fn<Date>('least', [ref('due_at'), val(at)]) }))
      .where('run_id', '=', runId)
      .where('state', '=', 'pending')
      .where('lane', '=', 'usual')
      .execute();
  }
}
