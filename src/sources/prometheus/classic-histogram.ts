import type { HistogramIncrease } from './cumulative-histogram.js';
import { identityOf, type TableSeries } from './series-table.js';
import { podOf, type Track } from './track.js';

/** A classic histogram at one moment: how many values were ≤ each bound since its process started. */
export interface ClassicHistogram {
  /** ascending; the last is normally +Inf */
  readonly bounds: readonly number[];
  readonly cumulative: readonly number[];
  /** sum of the values; null: not read */
  readonly sum: number | null;
}

export const emptyClassic: ClassicHistogram = { bounds: [], cumulative: [], sum: 0 };

/** Puts the `le` series that differ in nothing else together, and gives each its `_sum`. */
export function classicTracks(
  buckets: readonly TableSeries[],
  sums: readonly TableSeries[],
  podLabel: string | null,
): Track<ClassicHistogram>[] {
  const groups = new Map<string, { readonly bound: number; readonly row: TableSeries }[]>();
  for (const row of buckets) {
    const identity = groupOf(row);
    const bound = boundOf(row.labels['le'] ?? '');
    groups.set(identity, [...(groups.get(identity) ?? []), { bound, row }]);
  }
  const sumOf = new Map(sums.map((row) => [groupOf(row), row]));
  return [...groups].map(([identity, group]) => track(group, sumOf.get(identity) ?? null, podLabel));
}

function groupOf({ labels }: TableSeries): string {
  const { le: _le, __name__: _name, ...rest } = labels;
  return identityOf(rest);
}

const boundOf = (le: string): number => (le === '+Inf' ? Number.POSITIVE_INFINITY : le.trim() === '' ? Number.NaN : Number(le));

function track(
  group: readonly { readonly bound: number; readonly row: TableSeries }[],
  sums: TableSeries | null,
  podLabel: string | null,
): Track<ClassicHistogram> {
  const ascending = group.toSorted((a, b) => a.bound - b.bound);
  const [first] = ascending;
  const poisoned = new Set<number>();
  const points = (first?.row.values ?? []).map((_, column) => {
    const bounds: number[] = [];
    const cumulative: number[] = [];
    for (const { bound, row } of ascending) {
      const value = row.values[column] ?? null;
      if (value === null) continue;
      if (typeof value !== 'number' || !(value >= 0) || value === Number.POSITIVE_INFINITY || Number.isNaN(bound)) {
        poisoned.add(column);
        return null;
      }
      if (bounds.at(-1) === bound)
        cumulative.push(Math.max(value, cumulative.pop() ?? 0)); // `1` and `1.0`, after an upgrade
      else {
        bounds.push(bound);
        cumulative.push(value);
      }
    }
    const sum = sums?.values[column] ?? null;
    return bounds.length === 0 ? null : { bounds, cumulative, sum: typeof sum === 'number' && Number.isFinite(sum) ? sum : null };
  });
  return { pod: podOf(first?.row.labels ?? {}, podLabel), points, poisoned };
}

/** What was observed between two moments. If any bucket fell the process started again, and all of them count from zero. */
export function classicIncrease(before: ClassicHistogram, after: ClassicHistogram): HistogramIncrease {
  const earlier = after.bounds.map((bound) => countUpTo(before, bound));
  const restarted = after.cumulative.some((count, bucket) => count < (earlier[bucket] ?? 0));
  let mended = 0;
  let highest = 0;
  const upTo = after.cumulative.map((count, bucket) => {
    const increase = count - (restarted ? 0 : (earlier[bucket] ?? 0));
    const whole = Math.max(highest, Math.floor(increase));
    if (whole !== increase) mended += 1;
    highest = whole;
    return whole;
  });
  const counts = upTo.map((count, bucket) => count - (upTo[bucket - 1] ?? 0));
  if (after.bounds.at(-1) !== Number.POSITIVE_INFINITY) counts.push(0); // nothing is known above the last bound
  const sum = after.sum === null || before.sum === null ? null : after.sum - (restarted ? 0 : before.sum);
  return { histogram: { kind: 'explicit', bounds: after.bounds.filter(Number.isFinite), counts }, sum, mended };
}

/** An engine may leave out buckets that add nothing to the one below. */
function countUpTo({ bounds, cumulative }: ClassicHistogram, bound: number): number {
  const below = bounds.findLastIndex((other) => other <= bound);
  return below < 0 ? 0 : (cumulative[below] ?? 0);
}
