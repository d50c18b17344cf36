import type { Labels } from './answer.js';
import type { NativeHistogram } from './native-histogram.js';

export type Value = number | NativeHistogram;

export interface TableSeries {
  readonly labels: Labels;
  /** column 0: the last value known from before the first edge; column i + 1: the value at edge i; null: not there */
  readonly values: (Value | null)[];
}

/** What one query says at the edges of windows. */
export interface SeriesTable {
  /** milliseconds since the epoch, ascending */
  readonly edges: readonly number[];
  readonly series: readonly TableSeries[];
  /** for each edge: why it cannot be relied on; null: it can */
  readonly problems: readonly (string | null)[];
  /** for each edge: remarks of the engine */
  readonly notes: readonly (readonly string[])[];
}

/** The column of an edge. */
export const columnOf = (edge: number): number => edge + 1;

/** The same labels give the same text, in whatever order they come. */
export const identityOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
