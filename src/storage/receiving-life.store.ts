import { Injectable } from '@nestjs/common';
import type { TimeSlice } from '../domain/index.js';
import { ForeignDocumentStore } from './foreign-document.store.js';

/** What a process that received telemetry leaves behind for the next one: which windows may hold what is lost with it. */
export interface ReceivingLife {
  /** milliseconds since the epoch: windows from here on may be open until one that ends after `openUntil` is stored */
  readonly openFrom: number;
  readonly openUntil: number;
  /** stretches that were received in and not stored when it was stopped in order; null: it runs, or it was killed */
  readonly lost: readonly TimeSlice[] | null;
}

const [collection, id] = ['assay/receiving', 'life'];

/** Keeps one {@link ReceivingLife}, the last. */
@Injectable()
export class ReceivingLifeStore {
  constructor(private readonly documents: ForeignDocumentStore) {}

  /** Null: nothing was ever received. */
  async last(): Promise<ReceivingLife | null> {
    return (await this.documents.find<ReceivingLife>(collection, id))?.body ?? null;
  }

  async keep(life: ReceivingLife, now: Date): Promise<void> {
    const document = { id, label: id, body: life, createdAt: now, updatedAt: now };
    if (!(await this.documents.replace(collection, document))) await this.documents.add(collection, document);
  }
}
