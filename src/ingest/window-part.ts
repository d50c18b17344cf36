import type { Attributes } from '../domain/index.js';
import type { LogCounts } from './log-tally.js';
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
  /** `series, from, kind` and what `TraceExemplars` keeps of one, {@link exemplarHeader} numbers and `exemplarWidth` of them */
  readonly exemplars: Float64Array<ArrayBuffer>;
  /** null: there were none */
  readonly logs: LogCounts | null;
  readonly points: readonly PointObservation[];
  readonly labels: readonly string[];
  readonly accepted: number;
  readonly refused: readonly (readonly [Refusal, number])[];
  /** observations that are in an overflow series, by service and window */
  readonly overflow: readonly { readonly service: string; readonly from: number; readonly to: number; readonly count: number }[];
}

/** Numbers of a row before its bucket counts. */
export const rowHeader = 9;

/** Where in a row is what. */
export const rowField = { series: 0, from: 1, to: 2, count: 3, sum: 4, sumOfSquares: 5, zeroCount: 6, offset: 7, length: 8 } as const;

/** Numbers of an exemplar in a part before those that `TraceExemplars` keeps. */
export const exemplarHeader = 3;
