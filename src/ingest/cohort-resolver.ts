import type { RecordingPlan } from '../domain/index.js';
import { sameBytes } from './byte-hash.js';

/** Position of an attribute among those that tell cells apart, and among those whose numbers are kept; −1: not among them. */
export interface WantedAttribute {
  readonly label: number;
  readonly value: number;
}

interface Candidate extends WantedAttribute {
  readonly key: DataView;
  /** the next one of the same shape */
  readonly next: Candidate | null;
}

const longestKey = 255;
const shapes = 1 << 10;
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

  /**
   * By the length of a key: the first bytes that wanted keys of this length have, modulo 32, as bits. Most attributes are
   * told from those that are wanted by this alone.
   */
  readonly firstBytes = new Int32Array(longestKey + 1);

  private readonly byName: ReadonlyMap<string, WantedAttribute>;
  private readonly byShape: (Candidate | null)[] = new Array<Candidate | null>(shapes).fill(null);

  constructor({ attributes, values }: Pick<RecordingPlan, 'attributes' | 'values'>) {
    this.labels = attributes.includes('service.name') ? attributes : [...attributes, 'service.name'];
    this.values = values;
    this.kindLabel = this.labels.indexOf('kind');
    this.statusLabel = this.labels.indexOf('status');
    this.nameLabel = this.labels.indexOf('name');
    this.serviceLabel = this.labels.indexOf('service.name');
    const names = [...new Set([...this.labels, ...values])];
    this.byName = new Map(names.map((name) => [name, { label: this.labels.indexOf(name), value: values.indexOf(name) }]));
    for (const [name, wanted] of this.byName) this.learn(encoder.encode(name), wanted);
  }

  named(name: string): WantedAttribute | undefined {
    return this.byName.get(name);
  }

  /** @param from,to  where the key stands in `view`. @returns null: nobody asked for it */
  keyed(view: DataView, from: number, to: number): WantedAttribute | null {
    const length = to - from;
    if (length === 0 || length > longestKey) return null;
    let candidate = this.byShape[shapeOf(view, from, to)] as Candidate | null;
    while (candidate !== null) {
      if (candidate.key.byteLength === length && sameBytes(candidate.key, 0, view, from, length)) return candidate;
      candidate = candidate.next;
    }
    return null;
  }

  private learn({ buffer, byteOffset, length }: Uint8Array, wanted: WantedAttribute): void {
    if (length === 0 || length > longestKey) return;
    const key = new DataView(buffer, byteOffset, length);
    const shape = shapeOf(key, 0, length);
    this.byShape[shape] = { ...wanted, key, next: this.byShape[shape] as Candidate | null };
    this.firstBytes[length] = (this.firstBytes[length] as number) | (1 << (key.getUint8(0) & 31));
  }
}

/** Length, first and last byte: what tells most keys of a length apart. */
function shapeOf(view: DataView, from: number, to: number): number {
  return (((to - from) << 5) ^ (view.getUint8(from) << 2) ^ view.getUint8(to - 1)) & (shapes - 1);
}
