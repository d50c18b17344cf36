import { Injectable } from '@nestjs/common';
import { ForeignDocumentStore } from '../../../storage/index.js';
import { type CanaryName } from './hook.js';

const collection = 'flagger/gate';

/** `gate`: the rollout may go on. `rollback`: it shall be rolled back. */
export type GateKind = 'gate' | 'rollback';

/** Gates that people open and close by hand, as Flagger's load tester has them. One that nobody touched is closed. */
@Injectable()
export class FlaggerGates {
  constructor(private readonly documents: ForeignDocumentStore) {}

  async isOpen(kind: GateKind, canary: CanaryName): Promise<boolean> {
    const gate = await this.documents.find<{ open: boolean }>(collection, idOf(kind, canary));
    return gate?.body.open === true;
  }

  async set(kind: GateKind, canary: CanaryName, open: boolean, now: Date): Promise<void> {
    const document = { id: idOf(kind, canary), label: canary.namespace.slice(0, 200), body: { open }, createdAt: now, updatedAt: now };
    if (!(await this.documents.add(collection, document))) await this.documents.replace(collection, document);
  }
}

const idOf = (kind: GateKind, { namespace, name }: CanaryName): string => `${kind} ${namespace}/${name}`;
