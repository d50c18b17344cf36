import { type PlainValue, textOfPlain } from './any-value.js';
import type { CohortResolver } from './cohort-resolver.js';
import { addIdentity, type Identity, identityOfText, joinIdentities, nameOfIdentity } from './stream-identity.js';

export type PlainAttributes = readonly (readonly [key: string, value: PlainValue])[];

const joined = new Int32Array(4);

/**
 * What is worth knowing of attributes that stand beside each other: which stream they make, and what the plan asks for.
 *
 * They come again and again, mostly for the same metric of the same resource: what was made of them last is kept.
 */
export class KnownAttributes {
  readonly identity: Identity = new Int32Array(4);
  streamName = '';
  /** half of what the stream is known by, for whoever needs a number */
  streamHigh = 0;
  streamLow = 0;
  private readonly labels: number[] = [];
  private readonly texts: string[] = [];
  private metric: Identity | null = null;
  private before: readonly string[] | null = null;
  private over: readonly string[] = [];

  /** One more of them. */
  know(key: string, value: PlainValue, resolver: CohortResolver): void {
    addIdentity(this.identity, identityOfText(JSON.stringify([key, value])));
    const label = resolver.named(key)?.label ?? -1;
    if (label < 0) return;
    this.labels.push(label);
    this.texts.push(textOfPlain(value));
  }

  /** Others that stood elsewhere; their labels win. */
  knowAll({ identity, labels, texts }: KnownAttributes): void {
    addIdentity(this.identity, identity);
    this.labels.push(...labels);
    this.texts.push(...texts);
  }

  /** Names the stream that these attributes are of one metric. @param metric  the same object for the same metric */
  useMetric(metric: Identity): void {
    if (this.metric === metric) return;
    this.metric = metric;
    joinIdentities(joined, metric, this.identity);
    this.streamName = nameOfIdentity(joined);
    this.streamHigh = (joined[0] as number) ^ (joined[2] as number);
    this.streamLow = (joined[1] as number) ^ (joined[3] as number);
  }

  /** Texts by label: of these attributes, else those that were there before. */
  labelsOver(before: readonly string[]): readonly string[] {
    if (this.before === before) return this.over;
    const own = before.slice();
    for (let index = 0; index < this.labels.length; index += 1) own[this.labels[index] as number] = this.texts[index] as string;
    this.before = before;
    this.over = own;
    return own;
  }
}

export function knownAttributes(attributes: PlainAttributes, resolver: CohortResolver): KnownAttributes {
  const known = new KnownAttributes();
  for (const [key, value] of attributes) known.know(key, value, resolver);
  return known;
}

/** All of them at once, wherever they stood. */
export function allOf(parts: readonly KnownAttributes[]): KnownAttributes {
  if (parts.length === 1) return parts[0] as KnownAttributes;
  const all = new KnownAttributes();
  for (const part of parts) all.knowAll(part);
  return all;
}
