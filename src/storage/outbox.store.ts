import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/index.js';
import type { EventPayload, OutboxEvent, Routed, Undelivered } from '../domain/index.js';
import { Database } from './database.js';
import { type Endpoint, endpointOf, wants } from './endpoint.store.js';
import { alarmEvent, type Happening, outboxEvent, testEvent } from './event-body.js';
import { timeSortableId } from './ids.js';

/** What rules and filters are asked about. */
type About = Routed & { readonly type: string };

const aboutRun = ({ type, run }: Happening): About => ({
  type,
  decision: run.verdict?.decision ?? null,
  service: run.arguments['service'] ?? null,
  template: run.template.name,
});

function aboutEvent({ body }: OutboxEvent, type: string): About {
  const { decision, service, template } = (JSON.parse(body) as EventPayload).data;
  return { type, decision, service, template: template.split('@')[0] ?? '' };
}

/** Events read at once for {@link OutboxStore.resend}. */
const mostRead = 5_000;

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
      const endpoints = await this.endpointsFor(aboutRun(happening));
      if (event.type === 'verdict.final') await this.hurryEarlier(event);
      if (endpoints.length > 0) await this.fanOut(event, endpoints);
      this.database.afterCommit(() => this.announce());
      return endpoints.length;
    });
  }

  /**
   * Tells all other endpoints that want to know it that one could not be told. Call it in the transaction that found out; the same trouble
   * is told once.
   */
  alarm(original: OutboxEvent, type: 'delivery.failing' | 'endpoint.disabled', undelivered: Undelivered, at: Date): Promise<number> {
    return this.database.transaction(async () => {
      const others = await this.endpointsFor(aboutEvent(original, type), undelivered.endpoint);
      const event = alarmEvent(original, type, undelivered, at);
      if (others.length === 0 || !(await this.insert(event))) return 0;
      await this.fanOut(event, others);
      this.database.afterCommit(() => this.announce());
      return others.length;
    });
  }

  /** Sends a harmless event to one endpoint. @returns id of the delivery */
  test(endpointId: string, at: Date): Promise<string> {
    return this.database.transaction(async () => {
      const event = testEvent(at, this.settings.publicUrl);
      await this.insert(event);
      const [id = ''] = await this.fanOut(event, [endpointId]);
      this.database.afterCommit(() => this.announce());
      return id;
    });
  }

  /**
   * Sends an endpoint what it wants of a stretch of time and was not told: events that were given up, and those that happened while it
   * was disabled. What was delivered, or is under way, is not sent again.
   *
   * @returns how many are sent, the oldest first; `more`: there is more than one call may send
   */
  async resend(
    endpoint: Endpoint,
    { from, to, limit }: { from: Date; to: Date; limit: number },
    now: Date,
  ): Promise<{ sent: number; more: boolean }> {
    const { db } = this.database;
    const missed = await db
      .selectFrom('event')
      .select(['id', 'type', 'run_id as runId', 'at', 'body'])
      .where('at', '>=', from)
      .where('at', '<', to)
      .where('type', '!=', 'endpoint.test')
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('delivery')
              .select('delivery.id')
              .whereRef('delivery.event_id', '=', 'event.id')
              .where('delivery.endpoint_id', '=', endpoint.id)
              .where('delivery.state', 'in', ['pending', 'delivered']),
          ),
        ),
      )
      .orderBy('at')
      .orderBy('id')
      .limit(mostRead)
      .execute();
    const wanted = (missed as OutboxEvent[]).filter((event) => wants(endpoint, aboutEvent(event, event.type)));
    const sent = wanted.slice(0, limit);
    await this.database.transaction(async () => {
      for (const event of sent) await this.fanOut({ ...event, at: now }, [endpoint.id]);
      this.database.afterCommit(() => this.announce());
    });
    return { sent: sent.length, more: wanted.length > sent.length || missed.length === mostRead };
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

  private async endpointsFor(about: About, except: string | null = null): Promise<string[]> {
    const rows = await this.database.db
      .selectFrom('endpoint')
      .selectAll()
      .where('enabled', '=', true)
      .where('deleted_at', 'is', null)
      .orderBy('id')
      .execute();
    return rows.filter((row) => row.id !== except && wants(endpointOf(row), about)).map(({ id }) => id);
  }

  private async fanOut(event: OutboxEvent, endpointIds: readonly string[]): Promise<string[]> {
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
    return deliveries.map(({ id }) => id);
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
