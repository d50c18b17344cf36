import type { Labels } from './answer.js';
import { labelOf } from './cohort-selection.js';
import { columnOf, type TableSeries } from './series-table.js';

/** How something cumulative went on from edge to edge. Columns are those of the table. */
export interface Track<T> {
  readonly pod: string;
  /** null: not there, or not usable */
  readonly points: readonly (T | null)[];
  /** columns that held something that is no cumulative value: NaN, infinite, negative */
  readonly poisoned: ReadonlySet<number>;
}

/** The pod of a series: the template's label, else `pod`, else `instance`; '' where none is there. */
export function podOf(labels: Labels, label: string | null): string {
  const named = label === null ? '' : labelOf(labels, label);
  return named || labelOf(labels, 'pod') || labelOf(labels, 'instance');
}

/** Series of plain numbers as tracks. */
export function counterTracks(series: readonly TableSeries[], podLabel: string | null): Track<number>[] {
  return series.map(({ labels, values }) => {
    const poisoned = new Set<number>();
    const points = values.map((value, column) => {
      if (value === null || isCumulative(value)) return value;
      poisoned.add(column);
      return null;
    });
    return { pod: podOf(labels, podLabel), points, poisoned };
  });
}

const isCumulative = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** A series that was in the cohort when the window ended. A poisoned one was there, too. */
export const isThere = <T>({ points, poisoned }: Track<T>, column: number): boolean =>
  (points[column] ?? null) !== null || poisoned.has(column);

/** Pods that were being watched at an edge. A series without a pod counts as watched as soon as its cohort is. */
export function podsAt<T>(tracks: readonly Track<T>[], edge: number): ReadonlySet<string> {
  const pods = new Set(tracks.filter((track) => isThere(track, columnOf(edge))).map(({ pod }) => pod));
  return pods.size === 0 ? pods : pods.add('');
}

/** Tracks that are poisoned at either edge of the window that starts at `edge`. */
export const poisonedIn = <T>(tracks: readonly Track<T>[], edge: number): number =>
  tracks.filter(({ poisoned }) => poisoned.has(columnOf(edge)) || poisoned.has(columnOf(edge + 1))).length;

/**
 * Where a track stood when a window began and when it ended.
 *
 * A series that was not there at the beginning: if its pod was, nothing had happened yet, and it starts from zero (or from where
 * it stood when it was last seen); if its pod was not, what it shows happened at an unknown time, and it only says where it stands.
 *
 * @param edge     the window from this edge to the next
 * @param watched  pods that were there when the window began
 * @returns null: the track was not there at the end, and adds nothing to this window
 */
export function stepOf<T>({ points, pod }: Track<T>, edge: number, watched: ReadonlySet<string>, zero: T): { before: T; after: T } | null {
  const column = columnOf(edge);
  const after = points[column + 1] ?? null;
  if (after === null) return null;
  const before = points[column] ?? null;
  if (before !== null) return { before, after };
  return { before: watched.has(pod) ? (lastBefore(points, column) ?? zero) : after, after };
}

function lastBefore<T>(points: readonly (T | null)[], column: number): T | null {
  for (let earlier = column - 1; earlier >= 0; earlier--) {
    const point = points[earlier] ?? null;
    if (point !== null) return point;
  }
  return null;
}
