import type { CohortSummary, Counts } from '../domain/index.js';
import { countAbove, type Histogram, HistogramSum, histogramCount, histogramQuantile, snapToBound } from '../statistics/index.js';
import type { OneDirection } from './weighing.js';

/** All windows of a cohort together, for display. Where a service changed the form of its histograms, those of the newest form. */
export class ShownDistribution {
  private readonly sums = { exponential: new HistogramSum(), explicit: new HistogramSum() };
  private newest: Histogram['kind'] = 'exponential';

  add(histogram: Histogram): void {
    this.newest = histogram.kind;
    this.sums[histogram.kind].add(histogram);
  }

  /** null: nothing was added */
  histogram(): Histogram | null {
    return this.sums[this.newest].soFar();
  }

  summary(p: number): CohortSummary {
    const histogram = this.histogram();
    return histogram === null ? { count: 0, value: null } : { count: histogramCount(histogram), value: histogramQuantile(histogram, p) };
  }
}

/** Observations, and how many of them lie on the worse side of a value, moved to a bucket edge. */
export function beyond(histogram: Histogram | null, value: number, direction: OneDirection, snap: 'nearest' | 'up' | 'down'): Counts {
  if (!histogram) return { total: 0, events: 0 };
  const total = histogramCount(histogram);
  const above = countAbove(histogram, snapToBound(histogram, value, snap));
  return { total, events: direction === 'decrease' ? total - above : above };
}
