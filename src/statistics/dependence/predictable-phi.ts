import { pastDispersion } from './past-dispersion.js';
import { type CountedWindow, neighbourDifference } from './window-dispersion.js';

/**
 * Dispersion of a proportion to use for each window, known before the window: 4 until ten baseline windows have passed,
 * then the upper safe estimate from the windows before it. Windows from before the run shorten or spare the cold start;
 * 240 of them give the plain estimate, which finds harm two to three times sooner at first.
 *
 * Past windows without a single event count as independent (1, times the safety factor): nothing clustered so far.
 *
 * @param windows  baseline windows in order of time; those without observations teach nothing
 * @param history  baseline windows from before the run, in order of time
 * @returns one value ≥ 1 for each window
 */
export function predictablePhi(windows: readonly CountedWindow[], history: readonly CountedWindow[] = []): number[] {
  return pastDispersion(windows, history, { teaches: (window) => window.total > 0, compare: neighbourDifference });
}
