import { type EventDifference, PastDispersion } from './past-dispersion.js';
import type { CountedWindow } from './window-dispersion.js';

/**
 * Dispersion of a proportion to use for each window, known before the window: 4 while nothing was seen, then a safe estimate from
 * the windows before it, of both cohorts. Windows from before the run shorten or spare the cold start.
 *
 * @param windows  baseline windows in order of time; those without observations teach nothing
 * @param history  baseline windows from before the run, in order of time
 * @param canary   canary windows, one beside each of the baseline's
 * @returns one value ≥ 1 for each window
 * @see docs/adr/0004-dispersion-on-a-fresh-service.md
 */
export function predictablePhi(
  windows: readonly CountedWindow[],
  history: readonly CountedWindow[] = [],
  canary: readonly CountedWindow[] = [],
): number[] {
  return proportionDispersion(history).beforeEach(windows, canary);
}

/** {@link predictablePhi} window by window. @param history  baseline windows from before the run, in order of time */
export function proportionDispersion(history: readonly CountedWindow[] = []): PastDispersion<CountedWindow> {
  const past = new PastDispersion<CountedWindow>({ teaches: (window) => window.total > 0, compare: eventDifference });
  for (const window of history) past.learn(window);
  return past;
}

/** Both windows as if of the harmonic mean of their sizes; binomial variance of the events. */
export function eventDifference(earlier: CountedWindow, later: CountedWindow): EventDifference {
  const size = (2 * earlier.total * later.total) / (earlier.total + later.total);
  const share = (earlier.events + later.events) / (earlier.total + later.total);
  return { difference: size * (later.events / later.total - earlier.events / earlier.total), expected: 2 * size * share * (1 - share) };
}
