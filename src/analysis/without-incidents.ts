import { quantileType7, type RateWindow } from '../statistics/index.js';

/** A window with so many times the events that 95 % of windows stay below is no busy hour but an incident that nobody declared. */
const timesUsual = 10;

/** With fewer events in a usual window a burst may be ten times as many. */
const leastEvents = 100;

/**
 * History without its undeclared incidents: one hour at a hundred times the usual rate makes every later regression look like noise.
 *
 * @param windows  of the baseline before a run; each with its events and exposure
 */
export function withoutIncidents(windows: readonly RateWindow[]): RateWindow[] {
  const usual = quantileType7(
    windows.map(({ events }) => events),
    0.95,
  );
  return usual >= leastEvents ? windows.filter(({ events }) => events <= timesUsual * usual) : [...windows];
}
