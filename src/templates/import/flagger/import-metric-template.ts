import { parsePromql } from '../../promql/parse-promql.js';
import { everyOf } from '../../promql/syntax.js';
import { findCohorts } from '../cohort-selector.js';
import { finishTemplate, type ImportedTemplate } from '../finish-template.js';
import { scheduleOf } from '../foreign-schedule.js';
import type { ForeignValue } from '../foreign-value.js';
import { accountForObject, type ForeignDocument, type ImportContext } from '../import-context.js';
import { leave, type MovedMetrics, moveMetric } from '../move-metric.js';
import { templateName } from '../native-draft.js';
import { picksOneSide } from './flagger-cohorts.js';
import { flaggerText } from './read-canary-metric.js';

/** A MetricTemplate that no Canary of this import refers to: what it measures is known, and how much is too much is not. */
export function importMetricTemplate(document: ForeignDocument, context: ImportContext): ImportedTemplate[] {
  const { root } = document;
  accountForMetricTemplate(document);
  const name = root.at('metadata', 'name')?.text || 'metric';
  const query = root.at('spec', 'query');
  const provider = root.at('spec', 'provider', 'type')?.text ?? 'prometheus';
  const into: MovedMetrics = { metrics: [], left: [] };
  const text = flaggerText(query?.text ?? '', '1m', new Map());
  const isMovable = query !== null && provider === 'prometheus';
  const cohort = findCohorts({
    queries: isMovable ? [{ query: text, from: query }] : [],
    picks: picksOneSide,
    asked: context.options.cohorts,
    otherwise: 'deployment',
    howToRun: () => 'start runs with --baseline NAME-primary --canary NAME',
    template: root,
  });
  if (isMovable) sayFixedRange(query);
  if (isMovable)
    moveMetric(
      {
        name,
        from: root,
        query: text,
        queryFrom: query,
        lint: { text: query.text, start: 0 },
        bounds: [],
        role: 'critical',
        weight: null,
        intervalSeconds: null,
        kayenta: null,
        margin: null,
        onNoData: null,
        harm: null,
      },
      cohort,
      into,
    );
  else
    leave(
      { name, query: query?.text ?? '', from: root, queryFrom: null },
      query === null ? 'it has no query' : `it asks ${provider}`,
      into,
    );
  const finished = finishTemplate({
    name: templateName(name),
    title: null,
    origin: `the MetricTemplate '${name}' of Flagger`,
    from: root,
    cohortsBy: cohort.label,
    schedule: scheduleOf({ intervalSeconds: null, count: null, delaySeconds: null }),
    judge: null,
    ...into,
    declared: [],
  });
  return finished === null ? [] : [finished];
}

/** Flagger gives the interval of each Canary's metric, and this query does not ask for it. */
function sayFixedRange(query: ForeignValue): void {
  const parsed = parsePromql(query.text);
  const range = 'expr' in parsed ? everyOf(parsed.expr, 'range').find(({ expr }) => expr.range.seconds !== null)?.expr.range : undefined;
  if (range === undefined) return;
  query.remarkAt(range.from, 'change', {
    code: 'range-is-not-window',
    message: `the range is always ${query.text.slice(range.from, range.to)}, whatever 'interval' a Canary asks for`,
    repair: 'Assay counts from edge to edge of its windows: see schedule.window',
  });
}

/** Its provider is a setting of the server; other providers are named with their query. */
export function accountForMetricTemplate(document: ForeignDocument): void {
  const { root } = document;
  accountForObject(document);
  const provider = root.at('spec', 'provider');
  const type = provider?.get('type')?.text ?? 'prometheus';
  if (type === 'prometheus')
    provider?.changed('left-out', 'where Prometheus is, is a setting of the server', 'see ASSAY_PROMETHEUS_URL in docs/configuration.md');
  else {
    provider?.undecided(
      'query-not-portable',
      `it asks ${type}, and Assay reads Prometheus and OpenTelemetry only`,
      'measure the same from Prometheus, or push it over OTLP; the query is kept as a comment',
    );
    root.at('spec', 'query')?.changed('query-not-portable', `the query is of ${type}`, 'it is kept as a comment');
  }
}
