import type { Attributes } from '../domain/index.js';
import type { PointObservation, Refusal } from './observation-batch.js';

/** Spans that share all labels, or the values of one attribute of theirs. */
export interface Series {
  readonly service: string;
  readonly attributes: Attributes;
  /** null: durations of the spans themselves */
  readonly instrument: string | null;
}

/**
 * What one thread recorded since its last part, packed: the rows are transferred, not copied.
 *
 * A row is `series, from, to, count, sum, sumOfSquares, zeroCount, offset, n` and n bucket counts of scale 5. The sum of
 * durations is in nanoseconds.
 */
export interface WindowPart {
  /** milliseconds: all that this thread received before is in this part or in an earlier one */
  readonly asOf: number;
  /** number of the first of `series`; 0: forget the earlier ones */
  readonly firstSeries: number;
  /** those that rows of this part and of later ones speak of */
  readonly series: readonly Series[];
  readonly rows: Float64Array<ArrayBuffer>;
  readonly points: readonly PointObservation[];
  readonly labels: readonly string[];
  readonly accepted: number;
  readonly refused: readonly (readonly [Refusal, number])[];
  /** observations that are in an overflow series, by service and window */
  readonly overflow: readonly { readonly service: string; readonly from: number; readonly to: number; readonly count: number }[];
}

/** One row, unpacked. */
export interface PartRow {
  readonly series: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly zeroCount: number;
  readonly offset: number;
  readonly counts: Float64Array;
}

const rowHeader = 9;

export function* rowsOf(rows: Float64Array): Generator<PartRow> {
  for (let at = 0; at < rows.length; ) {
    const [series = 0, from = 0, to = 0, count = 0, sum = 0, sumOfSquares = 0, zeroCount = 0, offset = 0, length = 0] = rows.subarray(
      at,
      at + rowHeader,
    );
    at += rowHeader + length;
    yield { series, from, to, count, sum, sumOfSquares, zeroCount, offset, counts: rows.subarray(at - length, at) };
  }
}
