import { dispersionSafetyFactor } from './dispersion-safety-factor.js';

export interface CountedWindow {
  readonly total: number;
  /** ≤ total */
  readonly events: number;
}

export interface Dispersion {
  /** variance between windows over the variance of independent observations; 1 where no event was seen */
  readonly raw: number;
  /** raw, at least 1 */
  readonly phi: number;
  /** not exceeded by the truth with about 90 % confidence; at least 1 */
  readonly phiUpper90: number;
}

/**
 * How many observations go bad together, learned from one cohort's windows: 1 is independent, 4 is bursts of four.
 *
 * From differences of neighbouring windows, so a slow drift of the proportion cancels. Assumes windows longer than a burst.
 *
 * @param windows  in order of time; those without observations are skipped
 * @see docs/statistics.md, dispersion
 */
export function windowDispersion(windows: readonly CountedWindow[]): Dispersion {
  const seen = windows.filter((window) => window.total > 0);
  let observed = 0;
  let expected = 0;
  for (let w = 1; w < seen.length; w++) {
    const pair = neighbourDifference(seen[w - 1] as CountedWindow, seen[w] as CountedWindow);
    observed += pair.observed;
    expected += pair.expected;
  }
  const raw = expected > 0 ? observed / expected : 1;
  return { raw, phi: Math.max(1, raw), phiUpper90: Math.max(1, raw * dispersionSafetyFactor(seen.length)) };
}

/** Squared difference of two neighbours, and its expectation for independent observations. */
export interface NeighbourDifference {
  readonly observed: number;
  readonly expected: number;
}

/** For proportions, whose variance is m (1 − m) / n. */
export function neighbourDifference(earlier: CountedWindow, later: CountedWindow): NeighbourDifference {
  const difference = later.events / later.total - earlier.events / earlier.total;
  const mean = (earlier.events + later.events) / (earlier.total + later.total);
  return { observed: difference ** 2, expected: mean * (1 - mean) * (1 / later.total + 1 / earlier.total) };
}
