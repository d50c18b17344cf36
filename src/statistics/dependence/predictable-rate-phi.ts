import { type EventDifference, PastDispersion } from './past-dispersion.js';

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
 * @param canary   canary windows, one beside each of the baseline's
 * @returns one value ≥ 1 for each window
 * @see docs/adr/0004-dispersion-on-a-fresh-service.md
 */
export function predictableRatePhi(
  windows: readonly RateWindow[],
  history: readonly RateWindow[] = [],
  canary: readonly RateWindow[] = [],
): number[] {
  return rateDispersion(history).beforeEach(windows, canary);
}

/** {@link predictableRatePhi} window by window. @param history  baseline windows from before the run, in order of time */
export function rateDispersion(history: readonly RateWindow[] = []): PastDispersion<RateWindow> {
  const past = new PastDispersion<RateWindow>({ teaches: (window) => window.exposure > 0, compare: eventDifference });
  for (const window of history) past.learn(window);
  return past;
}

function eventDifference(earlier: RateWindow, later: RateWindow): EventDifference {
  const size = (2 * earlier.exposure * later.exposure) / (earlier.exposure + later.exposure);
  const rate = (earlier.events + later.events) / (earlier.exposure + later.exposure);
  return { difference: size * (later.events / later.exposure - earlier.events / earlier.exposure), expected: 2 * size * rate };
}
