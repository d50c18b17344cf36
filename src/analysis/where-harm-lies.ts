import type { Cell, ClosedWindow, Evidence, Metric, PercentilesMetric, ProportionMetric, Run, Selection } from '../domain/index.js';
import { countAbove, type Histogram, histogramCount, mergeHistograms, snapToBound } from '../statistics/index.js';
import { quantity } from '../verdicts/index.js';
import { PushedMeter } from './measure.js';

const sliceAttribute = 'http.route';

/** A slice is named only when it carries at least this share of the extra harm. */
const namedShare = 0.6;

interface SliceCounts {
  readonly name: string;
  readonly baseline: { readonly total: number; readonly events: number };
  readonly canary: { readonly total: number; readonly events: number };
}

/**
 * The part of the traffic that carries most of a proven harm, in words; null where it is spread out or cannot be told.
 *
 * @param windows  the pushed telemetry of the run so far
 */
export function whereHarmLies(
  run: Pick<Run, 'template' | 'cohorts'>,
  evidence: readonly Evidence[],
  windows: readonly ClosedWindow[],
): string | null {
  if (run.template.cohorts.baseline) return null; // these windows hold the canary only
  const isHarmful = ({ assessment }: Evidence): number => (assessment === 'harmful' ? 1 : 0); // a judge that decides once has no e-values
  const gating = evidence.filter(({ role }) => role !== 'informational');
  const [worst] = gating.sort((a, b) => b.logHarm - a.logHarm || isHarmful(b) - isHarmful(a));
  const metric = run.template.metrics.find(({ name }) => name === worst?.metric);
  if (!worst || !metric || metric.source !== 'traces' || metric.harm !== 'increase') return null;
  const slices = countBySlice(run, metric, worst, windows);
  const extra = slices.map(
    ({ baseline, canary }) => canary.events - canary.total * (baseline.total > 0 ? baseline.events / baseline.total : 0),
  );
  const all = extra.reduce((sum, value) => sum + Math.max(0, value), 0);
  const most = extra.indexOf(Math.max(...extra));
  const slice = slices[most];
  if (slices.length < 2 || !slice || !(all > 0) || (extra[most] ?? 0) < namedShare * all) return null;
  const share = quantity((extra[most] ?? 0) / all, 'ratio');
  return `${share} of it on ${slice.name || 'requests without a route'}: ${shareInWords(slice.canary, metric)} against ${shareInWords(slice.baseline, metric)}`;
}

function shareInWords({ total, events }: SliceCounts['canary'], metric: Metric): string {
  const share = quantity(total > 0 ? events / total : null, 'ratio');
  return metric.kind === 'percentiles' ? `${share} slow` : share;
}

function countBySlice(
  run: Pick<Run, 'template' | 'cohorts'>,
  metric: Metric,
  evidence: Evidence,
  windows: readonly ClosedWindow[],
): SliceCounts[] {
  if (metric.kind !== 'proportion' && metric.kind !== 'percentiles') return [];
  const meter = new PushedMeter(metric, { cohorts: run.cohorts, pod: null });
  const names = new Set(windows.flatMap(({ cells }) => cells.map(({ attributes }) => attributes[sliceAttribute] ?? '')));
  const { baseline, effectKind, margin } = evidence;
  const accepted = effectKind === 'ratio' ? (baseline.value ?? 0) * (1 + margin) : (baseline.value ?? 0) + margin;
  const slow = metric.kind === 'percentiles' && baseline.value !== null ? accepted : 0;
  return [...names].sort().flatMap((name) => {
    const [baseline, canary] = (['baseline', 'canary'] as const).map((cohort) => {
      const cellsOf = (selection: Selection): Cell[] =>
        meter.cells(selection, cohort, windows).filter(({ attributes }) => (attributes[sliceAttribute] ?? '') === name);
      return metric.kind === 'percentiles' ? countSlow(metric, cellsOf, slow) : countEvents(metric, cellsOf);
    });
    return baseline && canary && canary.total > 0 ? [{ name, baseline, canary }] : [];
  });
}

function countEvents(metric: ProportionMetric, cellsOf: (selection: Selection) => Cell[]): { total: number; events: number } {
  const sum = (cells: readonly Cell[]): number => cells.reduce((total, { count }) => total + count, 0);
  return { total: sum(cellsOf(metric.of)), events: sum(cellsOf(metric.events)) };
}

function countSlow(metric: PercentilesMetric, cellsOf: (selection: Selection) => Cell[], slow: number): { total: number; events: number } {
  const [first, ...rest] = cellsOf(metric.of).flatMap(({ histogram }) => histogram ?? []);
  if (!first || rest.some(({ kind }) => kind !== first.kind)) return { total: 0, events: 0 };
  const histogram = rest.reduce<Histogram>(mergeHistograms, first);
  return { total: histogramCount(histogram), events: countAbove(histogram, snapToBound(histogram, slow, 'up')) };
}
