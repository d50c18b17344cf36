import { randomFillSync } from 'node:crypto';
import { spread } from './byte-hash.js';
import type { CohortResolver } from './cohort-resolver.js';
import { Dictionary } from './dictionary.js';
import { type CohortCap, type LabelledSeries, mostCohortsOfService, overflowSeriesOf, unknownService } from './overflow-series.js';
import { TupleIndex } from './tuple-index.js';

/** Cohorts and overflow series that are told apart; those after them share one. */
const mostQuotas = 10_000;
const noId = -1;

export interface RegistryLimits {
  readonly maxSeries: number;
  readonly cohorts: CohortCap;
}

/**
 * Small whole numbers for what tells cells apart: the same labels, the same number.
 *
 * Each cohort of a service has a quota of its own, so that many series of one leave room for the others; so have the cohorts after the
 * first {@link mostCohortsOfService} of a service together, and those of all services for which there is no room.
 */
export class SeriesRegistry {
  readonly series: LabelledSeries[] = [];
  private readonly width: number;
  private labels: Int32Array;
  private slots = new Int32Array(1 << 10);
  /** by label; nobody knows them, so that nobody can make labels whose sums are alike */
  private readonly factors: Int32Array;
  private readonly maxSeries: number;
  private readonly cohortLabels: readonly number[];
  private readonly mostOfQuota: number;
  /** service and cohort → quota; −1 stands for any */
  private readonly quotas: TupleIndex;
  /** what all series of a quota have in common */
  private readonly shared: LabelledSeries[] = [];
  private readonly cohortsOfService = new Map<number, number>();
  private readonly quotaOfSeries: number[] = [];
  private readonly learned: number[] = [];
  /** quota and kept labels → overflow series */
  private readonly overflows: TupleIndex;
  private readonly overflowSeries: number[] = [];
  private isFull = false;
  /** used again and again */
  private readonly tuple: Int32Array;
  private readonly overflowTuple: Int32Array;

  /** @param kept  labels of few values, which an overflow series keeps */
  constructor(
    private readonly resolver: CohortResolver,
    private readonly dictionary: Dictionary,
    { maxSeries, cohorts }: RegistryLimits,
    private readonly kept: readonly number[],
  ) {
    this.width = resolver.labels.length;
    this.labels = new Int32Array(256 * this.width);
    this.factors = randomFillSync(new Int32Array(this.width)).map((factor) => factor | 1);
    this.maxSeries = 3 * maxSeries;
    this.mostOfQuota = 3 * cohorts.mostSeries;
    this.cohortLabels = cohorts.by.map((name) => resolver.labels.indexOf(name)).filter((label) => label >= 0);
    this.quotas = new TupleIndex(1 + this.cohortLabels.length, mostQuotas);
    this.overflows = new TupleIndex(1 + kept.length, mostQuotas);
    this.tuple = new Int32Array(1 + this.cohortLabels.length);
    this.overflowTuple = new Int32Array(1 + kept.length);
    this.quotas.numberOf(this.tuple.fill(noId));
    this.overflows.numberOf(this.overflowTuple);
    this.shared.push(overflowSeriesOf(unknownService));
  }

  /** It is time to start again at a moment when no number is in use: what is met now may have no room for what was met long ago. */
  get crowded(): boolean {
    return this.isFull || this.series.length * 1.5 > this.maxSeries || this.quotas.count * 2 > mostQuotas;
  }

  /** Is there room for one more cell of the quota of this series? @param used  cells by quota; added to */
  takeRoom(used: number[], series: number, most: number): boolean {
    const quota = this.quotaOfSeries[series] as number;
    const sofar = used[quota] ?? 0;
    if (sofar >= most) return false;
    used[quota] = sofar + 1;
    return true;
  }

  /** @returns −1: there are too many, or one of the labels could not be remembered */
  find(labels: Int32Array, from: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    for (let slot = this.hashOf(labels, from) & mask; ; slot = (slot + 1) & mask) {
      const series = (slots[slot] as number) - 1;
      if (series < 0) return this.series.length < this.maxSeries ? this.learn(slot, labels, from) : -1;
      if (this.isSeries(series, labels, from)) return series;
    }
  }

  /** A sum, of which no part waits for another one. */
  private hashOf(labels: Int32Array, from: number): number {
    const { width, factors } = this;
    let hash = 0;
    for (let label = 0; label < width; label += 1) hash = (hash + Math.imul(labels[from + label] as number, factors[label] as number)) | 0;
    return spread(hash);
  }

  /** The series of all that has no series of its own. */
  overflowOf(labels: Int32Array, from: number): number {
    const { overflowTuple, kept } = this;
    const quota = this.quotaOf(labels, from);
    overflowTuple[0] = quota;
    for (let index = 0; index < kept.length; index += 1) overflowTuple[index + 1] = labels[from + (kept[index] as number)] as number;
    const number = Math.max(0, this.overflows.numberOf(overflowTuple));
    const known = this.overflowSeries[number];
    if (known !== undefined) return known;
    const { service, attributes } = this.shared[number === 0 ? 0 : quota] as LabelledSeries;
    const few = number === 0 ? [] : this.namedIn(labels, from, this.kept);
    const series = this.append({ service, attributes: { ...Object.fromEntries(few), ...attributes } }, noId);
    this.overflowSeries[number] = series;
    return series;
  }

  /** 0: that of all services for which there is no room */
  private quotaOf(labels: Int32Array, from: number): number {
    const { tuple, cohortLabels } = this;
    const service = labels[from + this.resolver.serviceLabel] as number;
    tuple[0] = service;
    for (let index = 0; index < cohortLabels.length; index += 1)
      tuple[index + 1] = labels[from + (cohortLabels[index] as number)] as number;
    const known = this.quotas.numberOf(tuple, false);
    return known >= 0 ? known : this.newQuota(labels, from);
  }

  private newQuota(labels: Int32Array, from: number): number {
    const { tuple } = this;
    const service = tuple[0] as number;
    const sofar = this.cohortsOfService.get(service) ?? 0;
    const isOwn = sofar < mostCohortsOfService && !tuple.includes(Dictionary.overflow);
    if (!isOwn) tuple.fill(noId, 1);
    const quota = service === Dictionary.overflow ? 0 : Math.max(0, this.quotas.numberOf(tuple));
    if (this.shared[quota] === undefined) {
      const of = overflowSeriesOf(this.serviceOf(labels, from));
      const cohort = isOwn ? this.namedIn(labels, from, this.cohortLabels) : [];
      this.shared[quota] = { ...of, attributes: { ...Object.fromEntries(cohort), ...of.attributes } };
      if (isOwn) this.cohortsOfService.set(service, sofar + 1);
    }
    return quota;
  }

  private namedIn(labels: Int32Array, from: number, which: readonly number[]): (readonly [string, string])[] {
    return which.flatMap((label) => {
      const text = this.dictionary.texts[labels[from + label] as number] as string;
      return text === '' ? [] : [[this.resolver.labels[label] as string, text] as const];
    });
  }

  private isSeries(series: number, labels: Int32Array, from: number): boolean {
    const at = series * this.width;
    for (let label = 0; label < this.width; label += 1) if (this.labels[at + label] !== labels[from + label]) return false;
    return true;
  }

  /** @returns −1: there is no room, or one of the labels could not be remembered; such labels are thus never found */
  private learn(slot: number, labels: Int32Array, from: number): number {
    for (let label = 0; label < this.width; label += 1) if (labels[from + label] === Dictionary.overflow) return -1;
    const quota = this.quotaOf(labels, from);
    const sofar = this.learned[quota] ?? 0;
    if (sofar >= this.mostOfQuota) {
      this.isFull = true;
      return -1;
    }
    this.learned[quota] = sofar + 1;
    const named = this.namedIn(
      labels,
      from,
      this.resolver.labels.map((_, label) => label),
    );
    const series = this.append({ service: this.serviceOf(labels, from), attributes: Object.fromEntries(named) }, quota);
    this.labels.set(labels.subarray(from, from + this.width), series * this.width);
    this.slots[slot] = series + 1;
    if (this.series.length * 2 > this.slots.length) this.rehash();
    return series;
  }

  private append(series: LabelledSeries, quota: number): number {
    this.series.push(series);
    this.quotaOfSeries.push(quota);
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
    const overflow = new Set(this.overflowSeries); // found by what they have in common, not by all labels
    this.slots = new Int32Array(this.slots.length * 4);
    const mask = this.slots.length - 1;
    for (let series = 0; series < this.series.length; series += 1) {
      if (overflow.has(series)) continue;
      let slot = this.hashOf(this.labels, series * this.width) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = series + 1;
    }
  }
}
