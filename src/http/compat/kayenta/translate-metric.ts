import type { CohortName, GaugeMetric, NoDataPolicies, NoDataPolicy } from '../../../domain/index.js';
import {
  type Bindings,
  type CanaryMetric,
  fillQuery,
  type JudgeName,
  marginOf,
  type QueryTemplate,
  type Translated,
} from '../../../templates/index.js';
import type { CanaryScope, ScopePair } from './execution-request.js';
import { overlapOf } from './scope-overlap.js';

/** Tells the cohorts apart in the answers: each side's query is asked as Kayenta asks it, and its series get this label. */
export const cohortLabel = 'assay_cohort';

/** What a metric becomes; its margin only where Assay's own judge needs one. */
export function translateMetric(metric: CanaryMetric, query: string, judge: JudgeName): Translated<GaugeMetric> {
  const { name, muted, critical } = metric;
  const margin = judge === 'kayenta' ? { relative: 0, absolute: 0 } : marginOf(metric);
  if (margin === null) return { problem: noMargin(metric) };
  const policy: NoDataPolicy = judge === 'evidence' || critical || metric.mustHaveData ? 'hold' : 'ignore';
  return {
    value: {
      kind: 'gauge',
      name,
      title: null,
      role: muted ? 'informational' : critical ? 'critical' : 'weighted',
      weight: 1,
      source: 'prometheus',
      harm: metric.direction,
      margin,
      limit: null,
      onNoData: everyCause(policy),
      unit: '',
      of: { type: 'query', query },
      ...(judge === 'kayenta' && { kayenta: optionsOf(metric) }),
    },
  };
}

/** One question for both cohorts: what Kayenta would ask for each, marked with whose it is. */
export function queryOfBoth(query: QueryTemplate, { control, experiment }: ScopePair): Translated<string> {
  const [baseline, canary] = [fillQuery(query, bindingsOf(control)), fillQuery(query, bindingsOf(experiment))];
  if ('problem' in baseline) return baseline;
  if ('problem' in canary) return canary;
  if (baseline.value === canary.value)
    return { problem: 'controlScope and experimentScope give the same query: the canary would be compared with itself' };
  const overlap = overlapOf(baseline.value, canary.value);
  if (overlap !== null) return { problem: overlap };
  return { value: `${opening}${baseline.value}${closing('baseline')} or ${opening}${canary.value}${closing('canary')}` };
}

const opening = 'label_replace(\n';
const closing = (cohort: CohortName): string => `\n, "${cohortLabel}", "${cohort}", "", "")`;

/** The two queries that {@link queryOfBoth} joined. */
export function queriesIn(both: string): Readonly<Record<CohortName, string>> {
  const middle = both.indexOf(`${closing('baseline')} or ${opening}`);
  const start = middle + `${closing('baseline')} or ${opening}`.length;
  return { baseline: both.slice(opening.length, middle), canary: both.slice(start, -closing('canary').length) };
}

/** Parameters of the scope come last, as in Kayenta: they may hide scope and location. */
const bindingsOf = ({ scope, location, extendedScopeParams }: CanaryScope): Bindings =>
  new Map([['scope', scope], ['location', location], ...Object.entries(extendedScopeParams)]);

const everyCause = (policy: NoDataPolicy): NoDataPolicies => ({ absent: policy, stale: policy, nan: policy, zero: policy });

function optionsOf(metric: CanaryMetric): NonNullable<GaugeMetric['kayenta']> {
  const { nanStrategy, outlierStrategy, outlierFactor, effectMeasure, groups } = metric;
  const { allowedIncrease, allowedDecrease, criticalIncrease, criticalDecrease } = metric;
  const given = { nanStrategy, outlierStrategy, outlierFactor, effectMeasure };
  const effects = { allowedIncrease, allowedDecrease, criticalIncrease, criticalDecrease };
  const known = Object.entries({ ...given, ...effects }).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(known), groups };
}

const noMargin = ({ name, direction }: CanaryMetric): string => {
  const wanted = { increase: 'allowedIncrease above 1', decrease: 'allowedDecrease below 1' };
  const keys = direction === 'either' ? Object.values(wanted).join(' and ') : wanted[direction];
  return `metric '${name}': the judge Assay-v1 needs to know which change is no harm: give effectSize ${keys}, by meanRatio`;
};
