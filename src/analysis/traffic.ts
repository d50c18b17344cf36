import type { Cell, ClosedWindow } from '../domain/index.js';
import {
  type CohortName,
  type Counts,
  type Gap,
  type Measurement,
  type Metric,
  type Run,
  type Sample,
  type Selection,
  type Template,
  type Traffic,
} from '../domain/index.js';
import { isIncomplete } from './incomplete-windows.js';
import { PushedMeter } from './measure.js';
import { saysAll } from './overflowed.js';

/** So many slices of a window are told apart, the largest; the rest is one more. */
export const mostSlices = 30;

/** What is not among them. */
export const restOfTraffic = 'other';

/** Counts what each cohort served in a window of spans, by slice. */
export class TrafficMeter {
  private readonly counted: { readonly meter: PushedMeter; readonly of: Selection } | null;
  private readonly attribute: string | null;

  constructor({ template, cohorts }: Pick<Run, 'template' | 'cohorts'>) {
    const metric = countedMetric(template);
    this.counted = metric && { meter: new PushedMeter(metric, { cohorts, pod: null }), of: denominatorOf(metric) };
    this.attribute = template.guards?.mix?.by ?? null;
  }

  /**
   * @param windows  every closed window inside the slice of time, of all services
   * @returns null where no metric reads spans, nothing was seen, a window is incomplete, a span belongs to both cohorts, or spans in overflow cells may be of
   *   either; no slices where overflow cells lost them: which were kept goes by the order of arrival, so shares of them say nothing
   */
  measure(windows: readonly ClosedWindow[]): Traffic | null {
    if (this.counted === null) return null;
    if (isIncomplete(windows)) return null;
    const { meter, of } = this.counted;
    const baseline = meter.cells(of, 'baseline', windows);
    const canary = meter.cells(of, 'canary', windows);
    const seen = new Set(baseline);
    if (baseline.length + canary.length === 0 || canary.some((cell) => seen.has(cell))) return null;
    if (meter.unknown(of, 'baseline', windows) + meter.unknown(of, 'canary', windows) > 0) return null;
    const totals = new Map<string, number>();
    const by = [...baseline, ...canary].every((cell) => this.attribute === null || saysAll(cell, [this.attribute])) ? this.attribute : null;
    const sliceOf = (cell: Cell): string => (by === null ? '' : (cell.attributes[by] ?? ''));
    for (const cell of [...baseline, ...canary]) totals.set(sliceOf(cell), (totals.get(sliceOf(cell)) ?? 0) + cell.count);
    const named = largest(totals);
    const bySlice = (cells: typeof baseline): Record<string, number> => {
      const counts = new Map<string, number>();
      for (const cell of cells) {
        const slice = named.has(sliceOf(cell)) ? sliceOf(cell) : restOfTraffic;
        counts.set(slice, (counts.get(slice) ?? 0) + cell.count);
      }
      return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
    };
    return { attribute: by, baseline: bySlice(baseline), canary: bySlice(canary) };
  }
}

/** How many observations each cohort had, from what was measured anyway; null where no deciding metric counts. */
export function totalTraffic({ metrics, guards }: Template, measurements: readonly Measurement[]): Traffic | null {
  if (!guards?.sampleRatio) return null;
  // how much a release writes into its log is not how much traffic it has
  const gating = new Set(metrics.filter(({ role, source }) => role !== 'informational' && source !== 'logs').map(({ name }) => name));
  const counted = measurements.find(
    ({ metric, baseline, canary }) => gating.has(metric) && (baseline.kind === 'counts' || canary.kind === 'counts'),
  );
  const isKnown = (reading: Sample | Gap): boolean =>
    reading.kind === 'counts' || (reading.kind === 'gap' && reading.cause !== 'unavailable');
  if (!counted || !isKnown(counted.baseline) || !isKnown(counted.canary)) return null;
  const total = (cohort: CohortName): number => (counted[cohort] as Partial<Counts>).total ?? 0;
  return { attribute: null, baseline: { '': total('baseline') }, canary: { '': total('canary') } };
}

/** The first deciding metric that reads spans, and of these rather one that is not about a single slice. */
function countedMetric({ metrics, guards }: Template): Metric | null {
  if (!guards?.mix && !guards?.sampleRatio) return null;
  const reading = metrics.filter(({ role, source }) => role !== 'informational' && source === 'traces');
  const isWhole = (metric: Metric): boolean => {
    const of = denominatorOf(metric);
    return of.type === 'pushed' && of.matchers.every(({ attribute }) => attribute !== guards.mix?.by);
  };
  return reading.find(isWhole) ?? reading[0] ?? null;
}

/** What a metric counts among, or, for a rate by the clock, its events. */
function denominatorOf(metric: Metric): Selection {
  if (metric.kind !== 'rate') return metric.of;
  return metric.per === 'second' ? metric.events : metric.per;
}

function largest(totals: ReadonlyMap<string, number>): ReadonlySet<string> {
  const most = [...totals].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, mostSlices);
  return new Set(most.map(([slice]) => slice));
}
