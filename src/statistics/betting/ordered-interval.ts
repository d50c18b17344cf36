import type { Interval } from '../interval.js';

/**
 * The two ends of an inverted test as an interval.
 *
 * They cross when the effect changed so much between windows that no single value is left: some window's effect is then
 * at least `low` and another's at most `high`, so the interval between them is what the effect moved through.
 */
export function orderedInterval(low: number, high: number): Interval {
  return low <= high ? { low, high } : { low: high, high: low };
}
