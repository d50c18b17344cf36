import { Injectable } from '@nestjs/common';
import { ConflictError, InvalidRequestError } from '../domain/index.js';
import { type Endpoint, EndpointStore, OutboxStore, timeSortableId } from '../storage/index.js';
import { channels } from './channels/index.js';
import { checkEndpoint, type EndpointDraft } from './check-endpoint.js';

/** More are sent by asking again. */
const mostResent = 1_000;

/** Where events are sent, as operators manage it. */
@Injectable()
export class Endpoints {
  constructor(
    private readonly store: EndpointStore,
    private readonly outbox: OutboxStore,
  ) {}

  /**
   * Asking again for what there is gives what there is: two of them would tell everything twice.
   *
   * @throws {InvalidRequestError} with everything that is wrong
   */
  async create(draft: EndpointDraft, now: Date): Promise<Endpoint> {
    const issues = checkEndpoint(draft);
    if (issues.length > 0) throw new InvalidRequestError('this endpoint cannot be kept', { issues });
    const wanted = {
      channel: draft.channel,
      url: draft.url ?? (draft.urlRef ? null : (defaultUrlOf(draft) ?? null)),
      urlRef: draft.urlRef ?? null,
      secretRef: draft.secretRef ?? null,
      events: draft.events ?? ['*'],
      options: draft.options ?? {},
      rules: draft.rules ?? {},
      description: draft.description ?? '',
    };
    const known = (await this.store.list()).find((endpoint) => isAsWanted(endpoint, wanted));
    if (known) return known;
    return this.store.create({
      ...wanted,
      id: timeSortableId('ep', now),
      enabled: true,
      disabledReason: null,
      failingSince: null,
      createdAt: now,
    });
  }

  /** Oldest first. */
  list(): Promise<Endpoint[]> {
    return this.store.list();
  }

  /** @throws {NotFoundError} */
  get(id: string): Promise<Endpoint> {
    return this.store.get(id);
  }

  /**
   * Sends to it again, after it was disabled by a 410.
   *
   * @throws {NotFoundError}
   */
  enable(id: string): Promise<Endpoint> {
    return this.store.enable(id);
  }

  /**
   * Sends it a harmless event, by the way that all events go.
   *
   * @returns id of the delivery, whose log says what came of it
   * @throws {NotFoundError}
   * @throws {ConflictError} it is disabled
   */
  async test(id: string, now: Date): Promise<string> {
    return this.outbox.test((await this.enabled(id)).id, now);
  }

  /**
   * Sends it what it wants of a stretch of time and was not told: what was given up, and what happened while it was disabled. Asking
   * again sends nothing twice.
   *
   * @throws {NotFoundError}
   * @throws {ConflictError} it is disabled
   */
  async resend(id: string, stretch: { readonly from: Date; readonly to: Date }, now: Date): Promise<{ sent: number; more: boolean }> {
    return this.outbox.resend(await this.enabled(id), { ...stretch, limit: mostResent }, now);
  }

  private async enabled(id: string): Promise<Endpoint> {
    const endpoint = await this.store.get(id);
    if (!endpoint.enabled) throw new ConflictError(`endpoint ${id} is disabled: enable it first`);
    return endpoint;
  }

  /** @throws {NotFoundError} */
  delete(id: string, now: Date): Promise<void> {
    return this.store.delete(id, now);
  }
}

type Wanted = Pick<Endpoint, 'channel' | 'url' | 'urlRef' | 'secretRef' | 'events' | 'options' | 'rules' | 'description'>;

const defaultUrlOf = ({ channel, options = {} }: EndpointDraft): string | undefined =>
  channels.find(({ type }) => type === channel)?.defaultUrl?.(options);

const isAsWanted = (known: Endpoint, wanted: Wanted): boolean =>
  known.enabled && Object.entries(wanted).every(([name, value]) => JSON.stringify(known[name as keyof Wanted]) === JSON.stringify(value));
