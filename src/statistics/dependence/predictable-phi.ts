import { pastDispersion } from './past-dispersion.js';
import { type CountedWindow, neighbourDifference } from './window-dispersion.js';

/**
 * Dispersion of a proportion to use for each window, known before the window: 4 until ten baseline windows have passed,
 * then the upper safe estimate from the windows before it.
 *
 * Past windows without a single event count as independent (1, times the safety factor): nothing clustered so far.
 *
 * @param windows  baseline windows in order of time; those without observations teach nothing
 * @returns one value ≥ 1 for each window
 */
export function predictablePhi(windows: readonly CountedWindow[]): number[] {
  return pastDispersion(windows, (window) => window.total > 0, neighbourDifference);
}
