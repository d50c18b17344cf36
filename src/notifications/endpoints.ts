import { Injectable } from '@nestjs/common';
import { InvalidRequestError } from '../domain/index.js';
import { type Endpoint, EndpointStore, timeSortableId } from '../storage/index.js';
import { checkEndpoint, type EndpointDraft } from './check-endpoint.js';

/** Where events are sent, as operators manage it. */
@Injectable()
export class Endpoints {
  constructor(private readonly store: EndpointStore) {}

  /** @throws {InvalidRequestError} with everything that is wrong */
  async create(draft: EndpointDraft, now: Date): Promise<Endpoint> {
    const issues = checkEndpoint(draft);
    if (issues.length > 0) throw new InvalidRequestError('this endpoint cannot be kept', { issues });
    return this.store.create({
      id: timeSortableId('ep', now),
      channel: draft.channel,
      url: draft.url ?? null,
      urlRef: draft.urlRef ?? null,
      secretRef: draft.secretRef ?? null,
      events: draft.events ?? ['*'],
      description: draft.description ?? '',
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
