import { dispersionSafetyFactor } from './dispersion-safety-factor.js';
import { type CountedWindow, neighbourDifference } from './window-dispersion.js';

const coldStartWindows = 10;
const coldStartPhi = 4;

/**
 * Dispersion to use for each window, known before the window: 4 until ten baseline windows have passed, then the upper
 * safe estimate from the windows before it.
 *
 * Past windows without a single event count as independent (1, times the safety factor): nothing clustered so far.
 *
 * @param windows  baseline windows in order of time; those without observations teach nothing
 * @returns one value ≥ 1 for each window
 */
export function predictablePhi(windows: readonly CountedWindow[]): number[] {
  let observed = 0;
  let expected = 0;
  let seen = 0;
  let previous: CountedWindow | null = null;
  return windows.map((window) => {
    const raw = expected > 0 ? observed / expected : 1;
    const phi = seen < coldStartWindows ? coldStartPhi : Math.max(1, raw * dispersionSafetyFactor(seen));
    if (window.total > 0) {
      if (previous) {
        const pair = neighbourDifference(previous, window);
        observed += pair.observed;
        expected += pair.expected;
      }
      previous = window;
      seen++;
    }
    return phi;
  });
}
