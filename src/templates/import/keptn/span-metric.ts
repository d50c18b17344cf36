import type { Role } from '../../../domain/index.js';
import type { ForeignValue } from '../foreign-value.js';
import { leave, type MovedMetrics } from '../move-metric.js';
import { type MetricDraft, metricName } from '../native-draft.js';
import type { Criterion } from './read-criteria.js';

interface NamedObjective {
  readonly name: string;
  readonly from: ForeignValue;
  readonly criteria: readonly Criterion[];
  readonly role: Role;
  readonly weight: number | null;
}

const spans = { kind: 'server', 'service.name': '${service}' };

type SpanKind = Pick<MetricDraft, 'kind' | 'unit'> & { readonly isMilliseconds: boolean };

/** What Keptn's usual names of indicators measure, as spans show it. Null: the name says nothing. */
function kindOf(name: string): SpanKind | null {
  const percentile = /^response_time_p(\d\d)$/.exec(name)?.[1];
  if (percentile !== undefined)
    return { kind: { percentiles: { of: spans, at: Number(percentile) / 100 } }, unit: null, isMilliseconds: true };
  if (name === 'error_rate') return { kind: { proportion: { of: spans, events: { status: 'error' } } }, unit: null, isMilliseconds: false };
  return null;
}

/** An objective without a query, by its name alone. */
export function moveToSpans(objective: NamedObjective, into: MovedMetrics): void {
  const { name, from } = objective;
  const known = kindOf(name);
  if (known !== null) pushSpans(objective, known, into);
  else leave({ name, query: '', from, queryFrom: null }, 'its query stands in an sli.yaml that is not among these files', into);
}

function pushSpans({ name, from, criteria, role, weight }: NamedObjective, known: SpanKind, into: MovedMetrics): void {
  from.remark('decide', {
    code: 'measured-from-spans',
    message: `no sli.yaml here has '${name}', so it is measured from spans${known.isMilliseconds ? ', and its limits are taken as milliseconds' : ', and its limits as per cent'}`,
    repair:
      'import the sli.yaml together with the slo.yaml, or see that the service pushes its spans, with the attribute that cohorts.by names',
  });
  for (const criterion of criteria) {
    const draftName = metricName(
      criteria.length > 1 ? `${name}-${criterion.kind}` : name,
      into.metrics.map((each) => each.name),
    );
    const bounded =
      criterion.kind === 'limit'
        ? { limit: limitOf(criterion, known.isMilliseconds), margin: null }
        : { limit: null, margin: inSeconds(criterion.margin, known.isMilliseconds) };
    const harm = criterion.kind === 'limit' ? (criterion.bound.side === 'min' ? 'decrease' : 'increase') : criterion.harm;
    into.metrics.push({
      name: draftName,
      role,
      weight,
      source: 'traces',
      harm,
      kind: known.kind,
      unit: known.unit,
      ...bounded,
      kayenta: null,
      onNoData: null,
      comment: [],
      from,
    });
  }
}

function limitOf({ bound }: Extract<Criterion, { kind: 'limit' }>, isMilliseconds: boolean): number | string {
  const value = typeof bound.value === 'number' ? bound.value : 0;
  return isMilliseconds ? `${value}ms` : Number((value / 100).toPrecision(12));
}

const inSeconds = (margin: Readonly<Record<string, number>>, isMilliseconds: boolean): Record<string, number> =>
  Object.fromEntries(
    Object.entries(margin).map(([key, value]) => [key, key === 'absolute' ? value / (isMilliseconds ? 1000 : 100) : value]),
  );
