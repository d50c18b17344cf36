import type { CohortSelector } from './cohort-selector.js';
import type { ForeignMetric } from './foreign-metric.js';
import type { ForeignValue } from './foreign-value.js';
import { type MovedQuery, moveQuery } from './move-query.js';
import { type LeftMetric, type MetricDraft, metricName } from './native-draft.js';
import { sayLint } from './say-lint.js';

/** What the metrics of one template become. */
export interface MovedMetrics {
  readonly metrics: MetricDraft[];
  readonly left: LeftMetric[];
}

/** Moves one metric: one draft for each of its bounds, or a comment where its query cannot be read. */
export function moveMetric(metric: ForeignMetric, cohort: CohortSelector, into: MovedMetrics): void {
  const bounds = metric.bounds.length === 0 ? [null] : metric.bounds;
  const moved = bounds.map((bound) => ({ bound, measured: moveQuery(metric.query, bound, cohort) }));
  const refused = moved.flatMap(({ measured }) => ('why' in measured ? [measured.why] : []))[0] ?? refusedForMargin(metric, moved);
  const drafts = moved.flatMap(({ bound, measured }) => ('why' in measured ? [] : [{ bound, measured }]));
  sayLint(metric, refused === null ? (drafts[0]?.measured.form ?? null) : null, cohort);
  if (refused !== null) {
    leave(metric, refused, into);
    return;
  }
  for (const [index, { bound, measured }] of drafts.entries()) {
    const suffix = drafts.length > 1 ? `-${bound?.side ?? index}` : '';
    const name = metricName(
      `${metric.name}${suffix}`,
      into.metrics.map((each) => each.name),
    );
    into.metrics.push(draftOf(metric, name, measured));
    for (const change of measured.changes)
      if (index === 0 || change.code === 'compared-with-baseline') metric.queryFrom.remark(change.severity, change);
    if (bound === null && metric.margin === null && metric.kayenta === null) assumeMargin(metric, measured);
  }
  if (metric.queryFrom !== metric.from) metric.queryFrom.moved(`spec.metrics[${metric.name}]`);
}

/** A bound that became a margin cannot stand beside one that the tool gave. */
function refusedForMargin(
  { kayenta, margin }: ForeignMetric,
  moved: readonly { readonly bound: unknown; readonly measured: object }[],
): string | null {
  const isCompared = moved.some(({ bound, measured }) => bound !== null && 'margin' in measured && measured.margin !== null);
  return isCompared && (kayenta !== null || margin !== null) ? 'it compares canary and baseline by itself' : null;
}

function draftOf(metric: ForeignMetric, name: string, measured: MovedQuery): MetricDraft {
  const { role, weight, kayenta, margin, onNoData, from } = metric;
  const comment = measured.form === 'expression' ? ['the query as it was:', ...indented(metric.query)] : [];
  const isBounded = kayenta === null && margin === null;
  return {
    name,
    role,
    weight,
    source: 'prometheus',
    harm: metric.harm ?? measured.harm,
    kind: measured.kind,
    unit: measured.unit,
    limit: isBounded ? measured.limit : null,
    margin: kayenta === null ? (margin ?? measured.margin) : null,
    kayenta,
    onNoData,
    comment,
    from,
  };
}

const indented = (query: string): string[] =>
  query
    .trim()
    .split('\n')
    .map((line) => `  ${line}`);

function assumeMargin({ from, name }: ForeignMetric, { margin }: MovedQuery): void {
  const said = Object.entries(margin ?? {})
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
  from.remark('decide', {
    code: 'margin-assumed',
    message: `nothing here says how much of '${name}' is too much, so it is compared with the baseline, by a margin nobody asked for`,
    repair: `see whether 'margin: { ${said} }' is what you accept, or write a limit`,
  });
}

type Unmoved = Pick<ForeignMetric, 'name' | 'query' | 'from'> & { readonly queryFrom: ForeignValue | null };

/** Keeps a metric that cannot be moved as a comment. */
export function leave({ name, query, from, queryFrom }: Unmoved, why: string, into: MovedMetrics): void {
  into.left.push({ name, why, query: query.trim() });
  if (queryFrom !== from) queryFrom?.changed('kept-as-comment', `the query of '${name}' is a comment below the template`, `because ${why}`);
  from.remark('decide', {
    code: 'metric-left',
    message: `'${name}' is not in the template: ${why}`,
    repair: 'write what it measures as a metric of Assay, or leave it with the old tool',
  });
}
