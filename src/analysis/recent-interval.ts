import type { Interval } from '../statistics/index.js';
import { type Intervals, type Subject, unbounded } from './weighing.js';

/** Below this many windows intervals are always exact. */
const youngWindows = 16;

/**
 * Bounds of an effect. An interval that holds at every look holds for ever, so a look may show the one of a few windows
 * ago: then its cost does not grow with the run. Which windows it is of depends on their number alone, so that every look
 * can be repeated.
 */
export class RecentInterval<Window> {
  private known: { readonly windows: number; readonly interval: Interval } | null = null;

  /**
   * @param windows  which their owner adds to
   * @param bounds   of the first windows, as many as it is given
   * @param stagger  metrics with unlike numbers take turns in being renewed
   */
  constructor(
    private readonly windows: readonly Window[],
    private readonly bounds: (windows: readonly Window[]) => Interval,
    private readonly stagger: number,
  ) {}

  of(wanted: Intervals): Interval {
    if (wanted === 'none') return unbounded;
    const count = wanted === 'exact' ? this.windows.length : recentCount(this.windows.length, this.stagger);
    if (this.known?.windows !== count) this.known = { windows: count, interval: this.boundsOf(count) };
    return this.known.interval;
  }

  private boundsOf(count: number): Interval {
    if (count === 0) return unbounded;
    return this.bounds(count === this.windows.length ? this.windows : this.windows.slice(0, count));
  }
}

/** Questions take turns in renewing their intervals. @param part  of the metric, where it asks several */
export const staggerOf = ({ template, metric }: Pick<Subject, 'template' | 'metric'>, part = 0): number =>
  4 * template.metrics.findIndex(({ name }) => name === metric.name) + 4 + part;

/** Renewed every 1, 2, 4, … windows: about eight times while the run doubles. */
export function recentCount(windows: number, stagger: number): number {
  if (windows < youngWindows) return windows;
  const step = 2 ** Math.floor(Math.log2((2 * windows) / youngWindows));
  return windows - ((windows + stagger) % step);
}
