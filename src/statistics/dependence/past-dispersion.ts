import { dispersionSafetyFactor } from './dispersion-safety-factor.js';
import type { NeighbourDifference } from './window-dispersion.js';

const coldStartWindows = 10;
const coldStartPhi = 4;
/** So many windows from before the run that their estimate needs no safety factor. */
const longHistory = 240;

export interface DispersionLessons<Window> {
  /** whether a window has anything to learn from */
  readonly teaches: (window: Window) => boolean;
  /** two neighbours that teach */
  readonly compare: (earlier: Window, later: Window) => NeighbourDifference;
}

/**
 * Dispersion to use for each window from the windows before it: 4 until ten were seen, then the upper safe estimate; the
 * plain estimate of a history of 240 windows where there is one.
 *
 * @param windows  of the run, in order of time
 * @param history  from before the run, in order of time; may be empty
 * @returns one value ≥ 1 for each window of the run
 */
export function pastDispersion<Window>(
  windows: readonly Window[],
  history: readonly Window[],
  { teaches, compare }: DispersionLessons<Window>,
): number[] {
  let observed = 0;
  let expected = 0;
  let seen = 0;
  let previous: Window | null = null;
  const learn = (window: Window): void => {
    if (!teaches(window)) return;
    if (previous !== null) {
      const pair = compare(previous, window);
      observed += pair.observed;
      expected += pair.expected;
    }
    previous = window;
    seen++;
  };
  const raw = (): number => (expected > 0 ? observed / expected : 1);

  history.forEach(learn);
  if (seen >= longHistory) return windows.map(() => Math.max(1, raw()));
  return windows.map((window) => {
    const phi = seen < coldStartWindows ? coldStartPhi : Math.max(1, raw() * dispersionSafetyFactor(seen));
    learn(window);
    return phi;
  });
}
