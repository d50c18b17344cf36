import type { Attributes } from '../domain/index.js';
import { mix, spread } from './byte-hash.js';
import type { CohortResolver } from './cohort-resolver.js';
import { Dictionary } from './dictionary.js';

/** The attribute that an overflow cell has instead of those that would tell its observations apart. */
export const overflowAttribute = 'otel.metric.overflow';
export const unknownService = 'unknown_service';

/** Services that have an overflow series of their own; those after them share one. */
const maxOverflowServices = 1000;

export interface LabelledSeries {
  readonly service: string;
  readonly attributes: Attributes;
}

/** Attributes of what could not get a cell of its own. */
export const overflowSeriesOf = (service: string): LabelledSeries => ({
  service,
  attributes: { [overflowAttribute]: 'true', 'service.name': service },
});

/** Small whole numbers for what tells cells apart: the same labels, the same number. */
export class SeriesRegistry {
  readonly series: LabelledSeries[] = [];
  private readonly width: number;
  private labels: Int32Array;
  private slots = new Int32Array(1 << 10);
  private readonly overflowByService = new Map<string, number>();

  constructor(
    private readonly resolver: CohortResolver,
    private readonly dictionary: Dictionary,
    private readonly maxSeries: number,
  ) {
    this.width = resolver.labels.length;
    this.labels = new Int32Array(256 * this.width);
  }

  /** @returns −1: there are too many, or one of the labels could not be remembered */
  find(labels: Int32Array, from: number): number {
    const { width, slots } = this;
    let hash = width;
    for (let label = 0; label < width; label += 1) {
      const id = labels[from + label] as number;
      if (id === Dictionary.overflow) return -1;
      hash = mix(hash, id);
    }
    const mask = slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const series = (slots[slot] as number) - 1;
      if (series < 0) return this.series.length < this.maxSeries ? this.learn(slot, labels, from) : -1;
      if (this.isSeries(series, labels, from)) return series;
    }
  }

  /** The series of all that has no series of its own. */
  overflowOf(labels: Int32Array, from: number): number {
    const named = this.serviceOf(labels, from);
    const service = this.overflowByService.has(named) || this.overflowByService.size < maxOverflowServices ? named : unknownService;
    const known = this.overflowByService.get(service);
    if (known !== undefined) return known;
    const series = this.append(overflowSeriesOf(service));
    this.overflowByService.set(service, series);
    return series;
  }

  private isSeries(series: number, labels: Int32Array, from: number): boolean {
    const at = series * this.width;
    for (let label = 0; label < this.width; label += 1) if (this.labels[at + label] !== labels[from + label]) return false;
    return true;
  }

  private learn(slot: number, labels: Int32Array, from: number): number {
    const { texts } = this.dictionary;
    const named = this.resolver.labels.flatMap((name, label) => {
      const text = texts[labels[from + label] as number] as string;
      return text === '' ? [] : [[name, text] as const];
    });
    const series = this.append({ service: this.serviceOf(labels, from), attributes: Object.fromEntries(named) });
    this.labels.set(labels.subarray(from, from + this.width), series * this.width);
    this.slots[slot] = series + 1;
    if (this.series.length * 2 > this.slots.length) this.rehash();
    return series;
  }

  private append(series: LabelledSeries): number {
    this.series.push(series);
    if (this.series.length * this.width > this.labels.length) {
      const larger = new Int32Array(this.labels.length * 2);
      larger.set(this.labels);
      this.labels = larger;
    }
    return this.series.length - 1;
  }

  private serviceOf(labels: Int32Array, from: number): string {
    return this.dictionary.texts[labels[from + this.resolver.serviceLabel] as number] || unknownService;
  }

  private rehash(): void {
    const overflow = new Set(this.overflowByService.values()); // found by service, not by labels
    this.slots = new Int32Array(this.slots.length * 4);
    const mask = this.slots.length - 1;
    for (let series = 0; series < this.series.length; series += 1) {
      if (overflow.has(series)) continue;
      let hash = this.width;
      for (let label = 0; label < this.width; label += 1) hash = mix(hash, this.labels[series * this.width + label] as number);
      let slot = spread(hash) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = series + 1;
    }
  }
}
