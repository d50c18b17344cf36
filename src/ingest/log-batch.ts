import { mix, spread } from './byte-hash.js';
import type { CohortResolver } from './cohort-resolver.js';
import type { Dictionary } from './dictionary.js';
import { severities } from './log-severity.js';
import type { Refusal } from './observation-batch.js';
import { millisecondsOf } from './timestamp.js';

/**
 * The log records of one request, in columns: what tells them apart and when they happened, nothing of what they say. Nothing is
 * allocated per record once the columns have grown.
 */
export class LogBatch {
  count = 0;
  /** ids of texts, one for each label of the plan, per record */
  labels = new Int32Array(0);
  atMs = new Float64Array(0);
  readonly refused = new Map<Refusal, number>();

  private readonly width: number;
  private readonly resourceLabels: Int32Array;
  private readonly severityLabel: number;
  private readonly severityIds: ReadonlyMap<string, number>;
  private high = 0;
  private low = 0;

  /** @param maxRecords  of one request; further ones are refused. Null: nobody wants them, and they are stepped over */
  constructor(
    readonly resolver: CohortResolver,
    readonly dictionary: Dictionary,
    private readonly maxRecords: number | null,
  ) {
    this.width = resolver.labels.length;
    this.resourceLabels = new Int32Array(this.width);
    this.severityLabel = resolver.labels.indexOf('severity');
    this.severityIds = new Map(['', ...severities].map((severity) => [severity, dictionary.idOfText(severity)]));
  }

  get isWanted(): boolean {
    return this.maxRecords !== null;
  }

  clear(): void {
    this.count = 0;
    if (this.refused.size > 0) this.refused.clear(); // an empty map would be given new memory
    this.high = 0;
    this.low = 0;
  }

  /** Tells a request that is sent again from a new one: it has the same records of the same nanosecond. Null where there is nothing. */
  get fingerprint(): bigint | null {
    return this.count === 0 ? null : (BigInt(spread(this.high) >>> 0) << 32n) | BigInt(spread(this.low) >>> 0);
  }

  /** Bytes or words that tell this request apart from others. */
  identify(word: number): void {
    const { low } = this;
    this.high = mix(this.high, word);
    this.low = Math.imul(((low << 13) | (low >>> 19)) ^ word, 0xc2b2ae35);
  }

  /** What follows until the next call comes from this resource. */
  startResource(): void {
    this.resourceLabels.fill(0);
  }

  resourceLabel(label: number, id: number): void {
    this.resourceLabels[label] = id;
  }

  /** @returns false: there are too many already, step over this one */
  startRecord(): boolean {
    if (this.maxRecords === null || this.count >= this.maxRecords) {
      this.refuse('too many in one request');
      return false;
    }
    if (this.count === this.atMs.length) this.grow(Math.max(256, this.count * 2));
    this.labels.set(this.resourceLabels, this.count * this.width);
    return true;
  }

  recordLabel(label: number, id: number): void {
    this.labels[this.count * this.width + label] = id;
  }

  /** @param severity  '' where it is not known. @param high,low  when it happened; 0: not known */
  endRecord(severity: string, high: number, low: number): void {
    this.identify(low);
    if (high === 0 && low === 0) {
      this.refuse('bad value');
      return;
    }
    if (this.severityLabel >= 0) this.recordLabel(this.severityLabel, this.severityIds.get(severity) ?? 0);
    this.atMs[this.count] = millisecondsOf(high, low);
    this.count += 1;
  }

  private refuse(reason: Refusal): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }

  private grow(capacity: number): void {
    const [labels, atMs] = [new Int32Array(capacity * this.width), new Float64Array(capacity)];
    labels.set(this.labels);
    atMs.set(this.atMs);
    this.labels = labels;
    this.atMs = atMs;
  }
}
