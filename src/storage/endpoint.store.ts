import { Injectable } from '@nestjs/common';
import { followsRules, NotFoundError, type Routed, type RoutingRules } from '../domain/index.js';
import { Database } from './database.js';
import { columnText } from './ids.js';
import { decodeJson, encodeJson } from './json-codec.js';
import type { EndpointTable } from './tables.js';

/** Where events are sent. Secrets are only named here (`env:NAME`, `file:/path`), never kept. */
export interface Endpoint {
  /** `ep_…` */
  readonly id: string;
  /** type of one of the channels */
  readonly channel: string;
  /** null where the address itself is a secret */
  readonly url: string | null;
  readonly urlRef: string | null;
  /** signing secret; null: the channel does not sign */
  readonly secretRef: string | null;
  /** `*`, `verdict.*` or names of event types */
  readonly events: readonly string[];
  /** of its channel; the channel has checked them */
  readonly options: Readonly<Record<string, unknown>>;
  readonly rules: RoutingRules;
  readonly description: string;
  readonly enabled: boolean;
  /** why it is not enabled */
  readonly disabledReason: string | null;
  /** when the present row of failures began; null: the last attempt succeeded, or there was none */
  readonly failingSince: Date | null;
  readonly createdAt: Date;
}

/** Endpoints as they are. Rules about what may become one are in notifications. */
@Injectable()
export class EndpointStore {
  constructor(private readonly database: Database) {}

  async create(endpoint: Endpoint): Promise<Endpoint> {
    const row = await this.database.db.insertInto('endpoint').values(rowOf(endpoint)).returningAll().executeTakeFirstOrThrow();
    return endpointOf(row);
  }

  /** Oldest first. */
  async list(): Promise<Endpoint[]> {
    const rows = await this.database.db.selectFrom('endpoint').selectAll().where('deleted_at', 'is', null).orderBy('id').execute();
    return rows.map(endpointOf);
  }

  /** @throws {NotFoundError} */
  async get(id: string): Promise<Endpoint> {
    const row = await this.database.db
      .selectFrom('endpoint')
      .selectAll()
      .where('id', '=', columnText(id))
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (!row) throw new NotFoundError(`there is no endpoint ${JSON.stringify(id)}`);
    return endpointOf(row);
  }

  /**
   * Sends nothing more to it; its delivery log stays. What was still waiting is given up.
   *
   * @throws {NotFoundError}
   */
  delete(id: string, now: Date): Promise<void> {
    return this.database.transaction(async () => {
      const endpoint = await this.get(id);
      const { db } = this.database;
      await db.updateTable('endpoint').set({ deleted_at: now, enabled: false }).where('id', '=', endpoint.id).execute();
      await db
        .updateTable('delivery')
        .set({ state: 'dead', finished_at: now, claim: null, claimed_until: null })
        .where('endpoint_id', '=', endpoint.id)
        .where('state', '=', 'pending')
        .execute();
    });
  }

  /** @throws {NotFoundError} */
  async enable(id: string): Promise<Endpoint> {
    const endpoint = await this.get(id);
    const row = await this.database.db
      .updateTable('endpoint')
      .set({ enabled: true, disabled_reason: null, failing_since: null })
      .where('id', '=', endpoint.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return endpointOf(row);
  }
}

/** Whether an endpoint that asked for these events, by these rules, wants this one. */
export const wants = ({ events, rules }: Pick<Endpoint, 'events' | 'rules'>, event: Routed & { readonly type: string }): boolean =>
  events.some((filter) => isOfType(filter, event.type)) && followsRules(rules, event);

const isOfType = (filter: string, type: string): boolean =>
  filter === '*' || filter === type || (filter.endsWith('.*') && type.startsWith(filter.slice(0, -1)));

const rowOf = (endpoint: Endpoint): EndpointTable => ({
  id: endpoint.id,
  channel: endpoint.channel,
  url: endpoint.url,
  url_ref: endpoint.urlRef,
  secret_ref: endpoint.secretRef,
  events: [...endpoint.events],
  description: endpoint.description,
  enabled: endpoint.enabled,
  disabled_reason: endpoint.disabledReason,
  failing_since: endpoint.failingSince,
  created_at: endpoint.createdAt,
  deleted_at: null,
  options: encodeJson(endpoint.options),
  rules: encodeJson(endpoint.rules),
});

export const endpointOf = (row: EndpointTable): Endpoint => ({
  id: row.id,
  channel: row.channel,
  url: row.url,
  urlRef: row.url_ref,
  secretRef: row.secret_ref,
  events: row.events,
  description: row.description,
  enabled: row.enabled,
  disabledReason: row.disabled_reason,
  failingSince: row.failing_since,
  createdAt: row.created_at,
  options: decodeJson(row.options),
  rules: decodeJson(row.rules),
});
