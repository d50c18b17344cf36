import type { Exemplar } from '../domain/index.js';
import type { ObservationBatch } from './observation-batch.js';

const kinds = ['slowest', 'failed'] as const;
const [slowest, failed] = [0, 1];

/** Numbers of one exemplar: its duration in nanoseconds, its end in milliseconds, its trace id in four words, the first one first. */
export const exemplarWidth = 6;
const [duration, end, id] = [0, 1, 2];
const perCell = kinds.length * exemplarWidth;
/** the duration and the end of an exemplar that is not there */
const none = -1;
/** the span that is looked at, used again and again */
const offered = new Float64Array(exemplarWidth);

/**
 * Traces worth opening, by cell: that of the slowest span, and that of the failed span that ended last. Among equals the
 * smaller trace id wins, so that neither the order of arrival nor the division into threads leaves a trace.
 */
export class TraceExemplars {
  private kept: Float64Array;

  constructor(cells = 0) {
    this.kept = new Float64Array(cells * perCell).fill(none);
  }

  /** Makes room for cells 0 to `cells` − 1. */
  reserve(cells: number): void {
    const larger = new Float64Array(cells * perCell).fill(none);
    larger.set(this.kept);
    this.kept = larger;
  }

  /**
   * Hardly ever is a span slower than all before it: only then, or when it failed, there is a reason to call this.
   *
   * @returns how slow a span must be to be of interest next time, nanoseconds
   */
  add(cell: number, batch: ObservationBatch, index: number): number {
    if ((batch.traceAt[index] as number) >= 0 && this.read(batch, index)) {
      this.merge(cell, slowest, offered, 0);
      if (batch.failed[index] === 1) this.merge(cell, failed, offered, 0);
    }
    return this.kept[cell * perCell + duration] as number;
  }

  /** @param at  where the numbers of the exemplar stand in `from` */
  merge(cell: number, kind: number, from: Float64Array, at: number): void {
    const mine = cell * perCell + kind * exemplarWidth;
    if (!outranks(kind, from, at, this.kept, mine)) return;
    for (let index = 0; index < exemplarWidth; index += 1) this.kept[mine + index] = from[at + index] as number;
  }

  /** Appends `head`, the kind and the numbers of each exemplar of a cell. */
  pack(cell: number, head: readonly number[], into: number[]): void {
    for (let kind = 0; kind < kinds.length; kind += 1) {
      const at = cell * perCell + kind * exemplarWidth;
      if (this.kept[at + duration] !== none) into.push(...head, kind, ...this.kept.subarray(at, at + exemplarWidth));
    }
  }

  /** Those of one cell, the slowest first. */
  of(cell: number): Exemplar[] {
    return kinds.flatMap((kind, index) => {
      const at = cell * perCell + index * exemplarWidth;
      if (this.kept[at + duration] === none) return [];
      const words = [...this.kept.subarray(at + id, at + exemplarWidth)];
      const traceId = words.map((word) => word.toString(16).padStart(8, '0')).join('');
      return [{ traceId, kind, seconds: (this.kept[at + duration] as number) / 1e9, at: this.kept[at + end] as number }];
    });
  }

  /** Empties cells 0 to `cells` − 1, which are all that were used. */
  clear(cells: number): void {
    this.kept.fill(none, 0, cells * perCell);
  }

  /** @returns false: an id of zeros names no trace */
  private read({ traceAt, traceIds, durationNs, endMs }: ObservationBatch, index: number): boolean {
    const at = traceAt[index] as number;
    offered[duration] = durationNs[index] as number;
    offered[end] = endMs[index] as number;
    let bits = 0;
    for (let word = 0; word < 4; word += 1) {
      bits |= traceIds.getInt32(at + word * 4);
      offered[id + word] = traceIds.getUint32(at + word * 4);
    }
    return bits !== 0;
  }
}

function outranks(kind: number, a: Float64Array, from: number, b: Float64Array, other: number): boolean {
  const first = kind === slowest ? duration : end;
  const last = kind === slowest ? end : duration;
  if (a[from + first] !== b[other + first]) return (a[from + first] as number) > (b[other + first] as number);
  for (let word = id; word < exemplarWidth; word += 1) {
    if (a[from + word] !== b[other + word]) return (a[from + word] as number) < (b[other + word] as number);
  }
  return (a[from + last] as number) > (b[other + last] as number);
}
