/** Bounds of an unknown value; a side that is not bounded is infinite, or the end of the possible range. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What we know when we know nothing. */
export const everything: Interval = { low: -Infinity, high: Infinity };
