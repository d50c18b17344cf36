import { Injectable } from '@nestjs/common';
import { InvalidRequestError } from '../domain/index.js';
import { type Endpoint, EndpointStore, timeSortableId } from '../storage/index.js';
import { channels } from './channels/index.js';
import { checkEndpoint, type EndpointDraft } from './check-endpoint.js';

/** Where events are sent, as operators manage it. */
@Injectable()
export class Endpoints {
  constructor(private readonly store: EndpointStore) {}

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
