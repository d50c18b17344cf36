import type { ClosedWindow, Evidence, Exemplar, Metric, Run, Selection } from '../domain/index.js';
import { PushedMeter } from './measure.js';

const mostTraces = 3;

/**
 * Traces of the canary that show a harm: of durations the slowest spans, of events those that were counted as such, the failed ones
 * first. At most three, the most telling first; none where the metric is not of traces, or harm is what did not happen.
 *
 * @param windows  the pushed telemetry of the run so far
 */
export function tracesToOpen(
  { template, cohorts }: Pick<Run, 'template' | 'cohorts'>,
  { metric: name }: Pick<Evidence, 'metric'>,
  windows: readonly ClosedWindow[],
): Exemplar[] {
  const metric = template.metrics.find((candidate) => candidate.name === name);
  const wanted = metric && telling(metric);
  if (!metric || !wanted) return [];
  const cells = new PushedMeter(metric, { cohorts, pod: null }).cells(wanted.selection, 'canary', windows);
  const found = cells.flatMap(({ exemplars = [] }) => exemplars);
  const slowest = found.filter(({ kind }) => kind === 'slowest').sort(bySlowness);
  const failed = found.filter(({ kind }) => kind === 'failed').sort((a, b) => b.at - a.at || byId(a, b));
  return distinct(wanted.by === 'failure' ? [...failed, ...slowest] : slowest).slice(0, mostTraces);
}

/** Which spans show the harm of a metric, and what makes one of them telling. */
function telling(metric: Metric): { readonly selection: Selection; readonly by: 'failure' | 'slowness' } | null {
  if (metric.source !== 'traces' || metric.harm === 'decrease') return null;
  switch (metric.kind) {
    case 'proportion':
    case 'rate':
      return { selection: metric.events, by: 'failure' };
    case 'percentiles':
    case 'mean':
      return metric.value === 'duration' ? { selection: metric.of, by: 'slowness' } : null;
    case 'gauge':
      return null;
  }
}

const byId = (a: Exemplar, b: Exemplar): number => (a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : 0);

const bySlowness = (a: Exemplar, b: Exemplar): number => b.seconds - a.seconds || byId(a, b);

const distinct = (exemplars: readonly Exemplar[]): Exemplar[] =>
  [...new Map(exemplars.toReversed().map((exemplar) => [exemplar.traceId, exemplar])).values()].toReversed();
