import { type PlainValue, textOfPlain } from './any-value.js';
import type { CohortResolver } from './cohort-resolver.js';
import { addIdentity, type Identity, identityOfText } from './stream-identity.js';

export type PlainAttributes = readonly (readonly [key: string, value: PlainValue])[];

/** What is worth knowing of attributes that stand beside each other: which stream they make, and what the plan asks for. */
export interface KnownAttributes {
  readonly identity: Identity;
  readonly labels: number[];
  /** by the places in `labels` */
  readonly texts: string[];
}

export function knownAttributes(attributes: PlainAttributes, resolver: CohortResolver): KnownAttributes {
  const known = noAttributes();
  for (const [key, value] of attributes) know(known, key, value, resolver);
  return known;
}

export const noAttributes = (): KnownAttributes => ({ identity: new Int32Array(4), labels: [], texts: [] });

/** One more of them. */
export function know({ identity, labels, texts }: KnownAttributes, key: string, value: PlainValue, resolver: CohortResolver): void {
  addIdentity(identity, identityOfText(JSON.stringify([key, value])));
  const label = resolver.named(key)?.label ?? -1;
  if (label < 0) return;
  labels.push(label);
  texts.push(textOfPlain(value));
}
