import type { RecordingPlan } from '../domain/index.js';

/** Position of an attribute among those that tell cells apart, and among those whose numbers are kept; −1: not among them. */
export interface WantedAttribute {
  readonly label: number;
  readonly value: number;
}

interface Candidate extends WantedAttribute {
  readonly key: Uint8Array;
}

const encoder = new TextEncoder();

/**
 * Which attributes are worth reading: those that name the service, tell cohorts and pods apart, or are asked for by a
 * template. Every other attribute is stepped over by the bytes of its key.
 *
 * An attribute of the span or point itself wins over the same one of its resource. `kind`, `status` and `name` of a
 * span are its own fields, whatever attributes of that name it has.
 */
export class CohortResolver {
  /** attributes that tell cells apart; `service.name` is always there */
  readonly labels: readonly string[];
  /** attributes whose numbers are kept */
  readonly values: readonly string[];
  /** labels that are fields of a span; −1: the plan does not ask for it */
  readonly kindLabel: number;
  readonly statusLabel: number;
  readonly nameLabel: number;
  readonly serviceLabel: number;

  private readonly byName: ReadonlyMap<string, Candidate>;
  private readonly byShape = new Map<number, readonly Candidate[]>();
  /** by length of the key: 1 where some wanted key has it */
  private readonly lengths = new Uint8Array(256);

  constructor({ attributes, values }: Pick<RecordingPlan, 'attributes' | 'values'>) {
    this.labels = attributes.includes('service.name') ? attributes : [...attributes, 'service.name'];
    this.values = values;
    this.kindLabel = this.labels.indexOf('kind');
    this.statusLabel = this.labels.indexOf('status');
    this.nameLabel = this.labels.indexOf('name');
    this.serviceLabel = this.labels.indexOf('service.name');
    const names = [...new Set([...this.labels, ...values])];
    const candidates = names.map((name) => ({ key: encoder.encode(name), label: this.labels.indexOf(name), value: values.indexOf(name) }));
    this.byName = new Map(names.map((name, index) => [name, candidates[index] as Candidate]));
    for (const candidate of candidates.filter(({ key }) => key.length > 0 && key.length < 256)) {
      const shape = shapeOf(candidate.key, 0, candidate.key.length);
      this.byShape.set(shape, [...(this.byShape.get(shape) ?? []), candidate]);
      this.lengths[candidate.key.length] = 1;
    }
  }

  named(name: string): WantedAttribute | undefined {
    return this.byName.get(name);
  }

  /** @param from,to  where the key stands in `bytes` */
  keyed(bytes: Uint8Array, from: number, to: number): WantedAttribute | undefined {
    if (this.lengths[to - from] !== 1) return undefined;
    const candidates = this.byShape.get(shapeOf(bytes, from, to));
    if (candidates === undefined) return undefined;
    for (const candidate of candidates) if (startsWith(bytes, from, candidate.key)) return candidate;
    return undefined;
  }
}

/** Length, first and last byte: what tells most keys apart. */
function shapeOf(bytes: Uint8Array, from: number, to: number): number {
  return ((to - from) << 16) | ((bytes[from] as number) << 8) | (bytes[to - 1] as number);
}

function startsWith(bytes: Uint8Array, from: number, key: Uint8Array): boolean {
  for (let index = 0; index < key.length; index += 1) if (key[index] !== bytes[from + index]) return false;
  return true;
}
