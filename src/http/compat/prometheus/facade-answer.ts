import { type Labels, type SeriesValue } from './run-series.js';

type Point = readonly [number, string];

/** The `data` of an answer to `query`; the moment is in milliseconds. */
export const vectorAt = (at: number, series: readonly SeriesValue[]): object => ({
  resultType: 'vector',
  result: series.map(({ labels, value }) => ({ metric: sorted(labels), value: pointAt(at, value) })),
});

export const scalarAt = (at: number, value: number): object => ({ resultType: 'scalar', result: pointAt(at, value) });

/** The `data` of an answer to `query_range`, from series whose points are in the order of time. */
export const matrixOf = (series: Iterable<{ readonly labels: Labels; readonly values: readonly Point[] }>): object => ({
  resultType: 'matrix',
  result: [...series].map(({ labels, values }) => ({ metric: sorted(labels), values })),
});

/** Seconds, and the number as text: JSON knows no infinity. */
export const pointAt = (at: number, value: number): Point => [at / 1000, inWords(value)];

function inWords(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

/** `__name__` first, then as Prometheus sorts. */
export const sorted = (labels: Labels): Labels => Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Two series are one where their labels are. */
export const keyOf = (labels: Labels): string => JSON.stringify(sorted(labels));
