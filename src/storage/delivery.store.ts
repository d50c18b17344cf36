import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { ConflictError, type EventType, NotFoundError } from '../domain/index.js';
import { Database } from './database.js';
import type {
  Attempt,
  ClaimedDelivery,
  ClaimRequest,
  Delivery,
  DeliveryFilter,
  DeliveryLane,
  DeliveryState,
  Settlement,
} from './delivery.js';
import { attemptRow, type DeliveryRow, deliveryOf } from './delivery-row.js';
import { type Endpoint, endpointOf } from './endpoint.store.js';
import { columnText, timeSortableId } from './ids.js';
import { OutboxStore } from './outbox.store.js';
import type { EndpointTable } from './tables.js';

/** Deliveries, their claims and their log. */
@Injectable()
export class DeliveryStore {
  constructor(
    private readonly database: Database,
    private readonly outbox: OutboxStore,
  ) {}

  /**
   * Takes deliveries that are due; nobody else gets them until the lease is over (by the database's clock).
   * One endpoint hears about one run in order: the next event waits until the one before is delivered or dead.
   * Costs by the number of endpoints, not by what waits for them.
   */
  async claim({ claim, limit, failing, perEndpoint, leaseSeconds, now }: ClaimRequest): Promise<ClaimedDelivery[]> {
    const unclaimed = sql`d.state = 'pending' and (d.claimed_until is null or d.claimed_until < now())`;
    const { rows } = await sql<{ id: string }>`
      with free as (
        select due.id from endpoint e cross join lateral (
          select d.id, d.due_at, d.position from delivery d
          where d.endpoint_id = e.id and d.due_at <= ${now} and ${unclaimed}
            and not exists (
              select 1 from delivery before
              where before.endpoint_id = d.endpoint_id and before.run_id = d.run_id and before.state = 'pending' and before.position < d.position)
          order by d.due_at, d.position
          limit greatest(0, ${perEndpoint}::int - (
            select count(*) from delivery busy
            where busy.endpoint_id = e.id and busy.state = 'pending' and busy.claimed_until >= now()))
        ) due
        where e.enabled and (e.failing_since is not null) = ${failing}
        order by due.due_at, due.position limit ${limit}
      ), chosen as (
        select d.id from delivery d where d.id in (select id from free) and ${unclaimed} for update skip locked
      )
      update delivery set claim = ${claim}, claimed_until = now() + make_interval(secs => ${leaseSeconds})
      from chosen where delivery.id = chosen.id returning delivery.id`.execute(this.database.db);
    const ids = rows.map(({ id }) => id);
    return ids.length === 0 ? [] : this.claimed(ids, claim);
  }

  /** A cheap answer to whether {@link claim} could find anything. */
  async isAnyDue(now: Date): Promise<boolean> {
    const { db } = this.database;
    const due = db.selectFrom('delivery').select('id').where('state', '=', 'pending').where('due_at', '<=', now).limit(1);
    return (await due.executeTakeFirst()) !== undefined;
  }

  /**
   * Writes down an attempt and what follows from it.
   *
   * @param settle  decides with the lane and the attempts made in it as they are now: a final verdict may have hurried it meanwhile
   * @returns the new state; null: the claim ran out and somebody else has it, nothing was written
   */
  settle(
    { id, claim, event, endpoint }: ClaimedDelivery,
    attempt: Omit<Attempt, 'number'>,
    settle: (lane: DeliveryLane, laneAttempts: number) => Settlement,
  ): Promise<DeliveryState | null> {
    return this.database.transaction(async () => {
      const { db } = this.database;
      const row = await db
        .selectFrom('delivery')
        .selectAll()
        .where('id', '=', id)
        .where('claim', '=', claim)
        .forUpdate()
        .executeTakeFirst();
      if (row?.state !== 'pending') return null;
      const { state, dueAt, disable, alarm } = settle(row.lane as DeliveryLane, row.lane_attempts + 1);
      await db
        .insertInto('delivery_attempt')
        .values({ ...attemptRow(attempt), delivery_id: id, number: row.attempts + 1 })
        .execute();
      await db
        .updateTable('delivery')
        .set({
          state,
          attempts: row.attempts + 1,
          lane_attempts: row.lane_attempts + 1,
          due_at: dueAt ?? row.due_at,
          finished_at: state === 'pending' ? null : attempt.at,
          claim: null,
          claimed_until: null,
        })
        .where('id', '=', id)
        .execute();
      await this.rememberHealth(endpoint, state === 'delivered', attempt.at, disable);
      const since = (endpoint.failingSince ?? attempt.at).toISOString();
      const undelivered = {
        endpoint: endpoint.id,
        channel: endpoint.channel,
        event: event.id,
        since,
        error: disable ?? attempt.error ?? '',
      };
      if (disable !== null) await this.outbox.alarm(event, 'endpoint.disabled', undelivered, attempt.at);
      else if (alarm) await this.outbox.alarm(event, 'delivery.failing', undelivered, attempt.at);
      return state;
    });
  }

  /** Gives a claim back, so that the delivery is tried again at once. */
  async release({ id, claim }: Pick<ClaimedDelivery, 'id' | 'claim'>): Promise<void> {
    await this.database.db
      .updateTable('delivery')
      .set({ claim: null, claimed_until: null })
      .where('id', '=', id)
      .where('claim', '=', claim)
      .execute();
  }

  /** Takes back every claim. Only for a process that is alone with its store: the claims are then those of its dead self. */
  async releaseAll(): Promise<void> {
    await this.database.db
      .updateTable('delivery')
      .set({ claim: null, claimed_until: null })
      .where('state', '=', 'pending')
      .where('claim', 'is not', null)
      .execute();
  }

  /** The newest deliveries, with every attempt. */
  async list({ limit, cursor, endpointId, runId, state }: DeliveryFilter): Promise<{ deliveries: Delivery[]; next: string | null }> {
    let query = this.deliveries()
      .orderBy('delivery.id', 'desc')
      .limit(limit + 1);
    if (cursor !== null) query = query.where('delivery.id', '<', columnText(cursor));
    if (endpointId !== undefined) query = query.where('delivery.endpoint_id', '=', columnText(endpointId));
    if (runId !== undefined) query = query.where('delivery.run_id', '=', columnText(runId));
    if (state) query = query.where('delivery.state', '=', state);
    const rows = await query.execute();
    const page = await this.withAttempts(rows.slice(0, limit));
    return { deliveries: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  /** @throws {NotFoundError} */
  async get(id: string): Promise<Delivery> {
    const [delivery] = await this.withAttempts(await this.deliveries().where('delivery.id', '=', columnText(id)).execute());
    if (!delivery) throw new NotFoundError(`there is no delivery ${JSON.stringify(id)}`);
    return delivery;
  }

  /**
   * Sends the same event to the same endpoint once more: a new delivery with the same id and bytes of the event.
   *
   * @throws {NotFoundError}
   * @throws {ConflictError} the endpoint is disabled or deleted
   */
  replay(id: string, now: Date): Promise<Delivery> {
    return this.database.transaction(async () => {
      const original = await this.get(id);
      const { db } = this.database;
      const endpoint = await db.selectFrom('endpoint').select('enabled').where('id', '=', original.endpointId).executeTakeFirst();
      if (!endpoint?.enabled) throw new ConflictError(`endpoint ${original.endpointId} is disabled or deleted: enable it first`);
      const again = {
        id: timeSortableId('dlv', now),
        event_id: original.eventId,
        endpoint_id: original.endpointId,
        run_id: original.runId,
        state: 'pending',
        lane: original.lane,
        due_at: now,
        created_at: now,
        replay_of: original.id,
      };
      await db.insertInto('delivery').values(again).execute();
      return this.get(again.id);
    });
  }

  private deliveries() {
    return this.database.db
      .selectFrom('delivery')
      .innerJoin('event', 'event.id', 'delivery.event_id')
      .selectAll('delivery')
      .select('event.type as event_type');
  }

  private async withAttempts(rows: readonly DeliveryRow[]): Promise<Delivery[]> {
    if (rows.length === 0) return [];
    const attempts = await this.database.db
      .selectFrom('delivery_attempt')
      .selectAll()
      .where(
        'delivery_id',
        'in',
        rows.map(({ id }) => id),
      )
      .orderBy('number')
      .execute();
    const byDelivery = Map.groupBy(attempts, ({ delivery_id }) => delivery_id);
    return rows.map((row) => deliveryOf(row, byDelivery.get(row.id) ?? []));
  }

  private async claimed(ids: readonly string[], claim: string): Promise<ClaimedDelivery[]> {
    const rows = await this.database.db
      .selectFrom('delivery')
      .innerJoin('event', 'event.id', 'delivery.event_id')
      .innerJoin('endpoint', 'endpoint.id', 'delivery.endpoint_id')
      .selectAll('endpoint')
      .select(['delivery.id as delivery_id', 'delivery.attempts', 'delivery.event_id', 'delivery.run_id'])
      .select(['event.type', 'event.at', 'event.body'])
      .where('delivery.id', 'in', ids)
      .where('delivery.claim', '=', claim)
      .orderBy('delivery.position')
      .execute();
    return rows.map((row) => ({
      id: row.delivery_id,
      claim,
      event: { id: row.event_id, type: row.type as EventType, runId: row.run_id, at: row.at, body: row.body },
      endpoint: endpointOf(row satisfies EndpointTable),
      attempts: row.attempts,
    }));
  }

  /** Written only where it changes: thousands of good deliveries must not queue up for one row. */
  private async rememberHealth(endpoint: Endpoint, delivered: boolean, at: Date, disable: string | null): Promise<void> {
    const failingSince = delivered ? null : (endpoint.failingSince ?? at);
    if (disable === null && failingSince?.getTime() === endpoint.failingSince?.getTime()) return;
    await this.database.db
      .updateTable('endpoint')
      .set({ failing_since: failingSince, ...(disable === null ? {} : { enabled: false, disabled_reason: disable }) })
      .where('id', '=', endpoint.id)
      .execute();
  }
}
