import { type Metric, type NoDataPolicies, type NumberFromArgument, type Phase, type Selection, selectionsOf } from '../domain/index.js';
import type { Findings } from './findings.js';
import { readSelector } from './promql-selector.js';
import { isProblem, promqlTokens } from './promql-tokens.js';
import type { Slices } from './read-slices.js';

/** Metrics that may be judged by one template, slices included: each costs a look its time. */
const mostJudged = 100;

/** What of a template speaks of metrics by name. */
export interface NamedMetrics {
  readonly metrics: readonly Metric[];
  readonly phases: readonly Phase[];
  readonly filled: readonly NumberFromArgument[];
}

/**
 * The metrics with those that their slices add: `tail`, `tail[/cart]`, `tail[/checkout]`. A slice is a metric like any other, of
 * narrower selections and with the margins of the whole; the whole keeps half of the metric's weight and the slices share the rest.
 *
 * @param slices  by the name of the metric they are of
 */
export function sliceMetrics(named: NamedMetrics, slices: ReadonlyMap<string, Slices>, findings: Findings): NamedMetrics {
  if (slices.size === 0) return named;
  const namesOf = (name: string): string[] => [name, ...(slices.get(name)?.values.map((value) => sliceName(name, value)) ?? [])];
  const metrics = named.metrics.flatMap((metric) => {
    const cut = slices.get(metric.name);
    return cut === undefined ? [metric] : sliced(metric, cut, findings);
  });
  if (metrics.length > mostJudged) {
    const [first] = slices.values();
    const message = `with their slices there are ${metrics.length} metrics; at most ${mostJudged} are judged`;
    const repair = 'name fewer slices, or split the template';
    if (first) findings.error({ code: 'too-many-metrics', message, repair, path: first.field.path, at: first.field.keyAt });
  }
  return {
    metrics,
    phases: named.phases.map((phase) => ({
      ...phase,
      margins: Object.fromEntries(
        Object.entries(phase.margins).flatMap(([name, margin]) => namesOf(name).map((each) => [each, margin] as const)),
      ),
    })),
    filled: named.filled.flatMap((number) => namesOf(number.metric).map((metric) => ({ ...number, metric }))),
  };
}

const sliceName = (metric: string, value: string): string => `${metric}[${value}]`;

function sliced(metric: Metric, { by, values, min, field }: Slices, findings: Findings): Metric[] {
  if (!isSelected(metric)) {
    const message = `'${metric.name}' asks by an expression, which cannot be narrowed to a slice`;
    const repair = 'write a selector, name{label="value"}, or one metric for each slice';
    findings.error({ code: 'slices-need-selector', message, repair, path: field.path, at: field.keyAt });
    return [metric];
  }
  const parts = values.map((value) => ({
    ...narrowed(metric, (selection) => only(selection, by, value)),
    name: sliceName(metric.name, value),
    weight: metric.weight / 2 / values.length,
    onNoData: leftOut(metric.onNoData),
    slice: { of: metric.name, min },
  }));
  return [{ ...metric, weight: metric.weight / 2 }, ...parts];
}

/** A slice without traffic is no outage: the whole metric watches for that, and the mix of traffic is a guard's. */
const leftOut = ({ nan }: NoDataPolicies): NoDataPolicies => ({ absent: 'ignore', stale: 'ignore', zero: 'ignore', nan });

function narrowed(metric: Metric, narrow: (selection: Selection) => Selection): Metric {
  switch (metric.kind) {
    case 'proportion':
      return { ...metric, events: narrow(metric.events), of: narrow(metric.of) };
    case 'rate':
      return { ...metric, events: narrow(metric.events), per: metric.per === 'second' ? 'second' : narrow(metric.per) };
    case 'percentiles':
    case 'mean':
    case 'gauge':
      return { ...metric, of: narrow(metric.of) };
  }
}

/** The same things, where the attribute has this value. */
const only = (selection: Selection, by: string, value: string): Selection =>
  selection.type === 'pushed'
    ? { ...selection, matchers: [...selection.matchers, { attribute: by, operator: '=', value }] }
    : { type: 'query', query: narrowedQuery(selection.query, by, value) };

/** A selector with one more condition. In Prometheus `http.route` is asked as `http_route`. */
function narrowedQuery(query: string, by: string, value: string): string {
  const open = query.endsWith('}') ? query.slice(0, -1).trimEnd() : `${query}{`;
  const comma = open.endsWith('{') || open.endsWith(',') ? '' : ',';
  return `${open}${comma}${by.replace(/[^A-Za-z0-9_]/g, '_')}=${JSON.stringify(value)}}`;
}

const isSelected = (metric: Metric): boolean =>
  selectionsOf(metric).every((selection) => selection.type === 'pushed' || isSelector(narrowedQuery(selection.query, 'slice', '')));

function isSelector(query: string): boolean {
  const tokens = promqlTokens(query);
  return !isProblem(tokens) && readSelector(tokens) !== null;
}
