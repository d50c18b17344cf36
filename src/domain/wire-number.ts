/** JSON knows no infinity: what is unbounded or unknown is null. Six digits are more than any evidence carries. */
export function finiteOrNull(value: number | null): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  return Number(value.toPrecision(6)) + 0; // + 0 turns -0 into 0
}

const largestEValue = 1e300;

/** An e-value from its logarithm, kept finite at both ends: 0 … 1e300. */
export function eValueOf(log: number): number {
  if (Number.isNaN(log)) return 0;
  return finiteOrNull(Math.min(largestEValue, Math.exp(log))) ?? largestEValue;
}
