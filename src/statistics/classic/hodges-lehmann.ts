import { allDifferences } from './all-differences.js';

/** Typical shift from y to x: the median of all differences. NaN where a sample is empty. */
export function hodgesLehmann(x: readonly number[], y: readonly number[]): number {
  const differences = allDifferences(x, y);
  const middle = differences.length / 2;
  return ((differences[Math.ceil(middle) - 1] ?? Number.NaN) + (differences[Math.floor(middle)] ?? Number.NaN)) / 2;
}
