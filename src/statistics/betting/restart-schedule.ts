import type { Start } from './restart-mixture.js';

const windowsBetweenStarts = 40;

/** Share of the capital for harm that begins late. */
const forLateStarts = 0.35;

/**
 * Where bets begin: at the first window with most of the capital, at every 40th window, and at the start of each phase.
 *
 * Everything is fixed before the data, so the schedule needs the planned length and the planned phases, not the real ones.
 *
 * @param totalWindows  windows until the deadline
 * @param phaseStarts   first window of each planned phase; those at 0, after the deadline or repeated are left out
 * @returns ascending; weights 0.65 + 0.35/J for window 0 and 0.35/J for the other starts, J starts in all
 * @see docs/adr/0008-capital-for-late-starts.md
 */
export function restartSchedule(totalWindows: number, phaseStarts: readonly number[] = []): Start[] {
  const indexes = new Set([0]);
  for (let index = windowsBetweenStarts; index < totalWindows; index += windowsBetweenStarts) indexes.add(index);
  for (const index of phaseStarts) if (index > 0 && index < totalWindows) indexes.add(index);
  const share = forLateStarts / indexes.size;
  return [...indexes].sort((a, b) => a - b).map((index) => ({ index, weight: index === 0 ? 1 - forLateStarts + share : share }));
}
