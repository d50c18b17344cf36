import { dispersionSafetyFactor } from './dispersion-safety-factor.js';
import type { NeighbourDifference } from './window-dispersion.js';

const coldStartWindows = 10;
const coldStartPhi = 4;

/**
 * Dispersion to use for each window from the windows before it: 4 until ten were seen, then the upper safe estimate.
 *
 * @param windows  in order of time
 * @param teaches  whether a window has anything to learn from
 * @param compare  two neighbours that teach
 * @returns one value ≥ 1 for each window
 */
export function pastDispersion<Window>(
  windows: readonly Window[],
  teaches: (window: Window) => boolean,
  compare: (earlier: Window, later: Window) => NeighbourDifference,
): number[] {
  let observed = 0;
  let expected = 0;
  let seen = 0;
  let previous: Window | null = null;
  return windows.map((window) => {
    const raw = expected > 0 ? observed / expected : 1;
    const phi = seen < coldStartWindows ? coldStartPhi : Math.max(1, raw * dispersionSafetyFactor(seen));
    if (teaches(window)) {
      if (previous !== null) {
        const pair = compare(previous, window);
        observed += pair.observed;
        expected += pair.expected;
      }
      previous = window;
      seen++;
    }
    return phi;
  });
}
