import { pastDispersion } from './past-dispersion.js';
import type { NeighbourDifference } from './window-dispersion.js';

export interface RateWindow {
  /** seconds, requests, … */
  readonly exposure: number;
  /** may exceed the exposure */
  readonly events: number;
}

/**
 * Dispersion of an event rate to use for each window, known before the window: as predictablePhi, for events whose
 * variance is their mean where they come one by one.
 *
 * @param windows  baseline windows in order of time; those without exposure teach nothing
 * @param history  baseline windows from before the run, in order of time
 * @returns one value ≥ 1 for each window
 */
export function predictableRatePhi(windows: readonly RateWindow[], history: readonly RateWindow[] = []): number[] {
  return pastDispersion(windows, history, { teaches: (window) => window.exposure > 0, compare: rateDifference });
}

function rateDifference(earlier: RateWindow, later: RateWindow): NeighbourDifference {
  const difference = later.events / later.exposure - earlier.events / earlier.exposure;
  const mean = (earlier.events + later.events) / (earlier.exposure + later.exposure);
  return { observed: difference ** 2, expected: mean * (1 / later.exposure + 1 / earlier.exposure) };
}
