import { normalQuantile } from '../../src/statistics/index.js';

/** A share of runs with its Wilson 95 % interval. */
export interface Rate {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Wilson's interval for a share: honest at 0 of n. */
export function wilson(events: number, runs: number): Rate {
  if (runs === 0) return { share: Number.NaN, low: 0, high: 1 };
  const z = normalQuantile(0.975);
  const share = events / runs;
  const middle = (share + z ** 2 / (2 * runs)) / (1 + z ** 2 / runs);
  const half = (z * Math.sqrt((share * (1 - share)) / runs + (z / (2 * runs)) ** 2)) / (1 + z ** 2 / runs);
  return { share, low: events === 0 ? 0 : middle - half, high: events === runs ? 1 : middle + half };
}

/** Half of all got there by then; null: fewer than half did. */
export interface Median {
  readonly value: number | null;
  /** 95 % interval by ranks; a null end is beyond all that was seen */
  readonly low: number | null;
  readonly high: number | null;
}

/** @param values  null: did not get there at all, which is later than any value */
export function medianOf(values: readonly (number | null)[]): Median {
  const sorted = values.map((value) => value ?? Infinity).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const away = 0.98 * Math.sqrt(sorted.length);
  const at = (rank: number): number | null => {
    const value = sorted[Math.min(sorted.length - 1, Math.max(0, rank))];
    return value === undefined || value === Infinity ? null : value;
  };
  return { value: at(Math.floor(middle)), low: at(Math.floor(middle - away)), high: at(Math.ceil(middle + away)) };
}

export const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;
