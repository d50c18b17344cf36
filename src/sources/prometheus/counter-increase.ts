import { counterIncrease } from '../../statistics/index.js';
import { stepOf, type Track } from './track.js';

/** By how much counters rose in one window. */
export interface Increase {
  readonly byPod: ReadonlyMap<string, number>;
  readonly total: number;
  /** counters whose increase was not a whole number and was rounded down */
  readonly rounded: number;
}

/**
 * Exact increase of each counter, then summed: never the other way round, which would hide restarts.
 * A counter that fell started again from zero. Nothing is extrapolated to the edges of the window.
 *
 * @param edge     the window from this edge to the next
 * @param watched  pods that were there when the window began
 * @param whole    round each increase down to a whole number
 */
export function increaseOf(tracks: readonly Track<number>[], edge: number, watched: ReadonlySet<string>, whole = true): Increase {
  const byPod = new Map<string, number>();
  let total = 0;
  let rounded = 0;
  for (const track of tracks) {
    const step = stepOf(track, edge, watched, 0);
    if (!step) continue;
    const { increase } = counterIncrease([step.before, step.after]);
    const counted = whole ? Math.floor(increase) : increase;
    if (counted !== increase) rounded += 1;
    byPod.set(track.pod, (byPod.get(track.pod) ?? 0) + counted);
    total += counted;
  }
  return { byPod, total, rounded };
}
