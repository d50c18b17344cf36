import { formatDuration } from '../../duration.js';
import { type CohortSearch, findCohorts } from '../cohort-selector.js';
import { finishTemplate, type ImportedTemplate } from '../finish-template.js';
import type { ForeignMetric } from '../foreign-metric.js';
import type { ForeignValue } from '../foreign-value.js';
import type { ForeignDocument, ImportContext } from '../import-context.js';
import { leave, type MovedMetrics, moveMetric } from '../move-metric.js';
import { templateName } from '../native-draft.js';
import { plainValue } from '../plain-text.js';
import { accountForConfig } from './account-for-config.js';
import { type CanaryConfig, type CanaryMetric, readUnnamedConfig } from './canary-config.js';
import { type JudgeName, judgeNamed } from './judge-names.js';
import { marginOf } from './margin-of.js';
import { type PlacedCanaryQuery, queryOf } from './query-of.js';

/** A canary config of Kayenta as one template, judged as Kayenta does, or by Assay's own judge where it asks for that. */
export function importCanaryConfig(document: ForeignDocument, context: ImportContext): ImportedTemplate[] {
  const { root } = document;
  const problems: string[] = [];
  const config = readUnnamedConfig(plainValue(root.node), problems);
  for (const problem of new Set(problems))
    root.remark('decide', {
      code: 'invalid-config',
      message: `Kayenta would refuse this: ${problem}`,
      repair: 'mend it, and import again',
    });
  const judge = judgeNamed(config.judgeName) ?? 'kayenta';
  accountForConfig(root, config, judge);
  const entries = root.get('metrics')?.items() ?? [];
  const read = config.metrics.map((metric, index) => ({
    metric,
    from: entries[index] ?? root,
    query: queryOf(config, metric, entries[index] ?? root, root),
  }));
  const cohort = findCohorts({
    queries: read.flatMap(({ query }) => (query.problem === null ? [{ query: query.promql, from: query.from }] : [])),
    picks: picksOneSide,
    asked: context.options.cohorts,
    otherwise: 'version',
    howToRun: ({ label, value }) =>
      `start runs with the two scopes: --baseline '${label}=${value}' with the scope of the control, --canary with that of the experiment`,
    template: root,
  });
  const into: MovedMetrics = { metrics: [], left: [] };
  for (const { metric, from, query } of read) {
    if (query.problem !== null) leave({ name: metric.name, query: query.promql, from, queryFrom: query.from }, query.problem, into);
    else moveMetric(foreignMetric(metric, { from, query, judge }), cohort, into);
  }
  const name = config.name || 'canary-config';
  const finished = finishTemplate({
    name: templateName(name),
    title: null,
    origin: `the canary config '${name}' of Kayenta`,
    from: root,
    cohortsBy: cohort.label,
    schedule: { window: '1m', deadline: formatDuration((config.maxDurationMinutes ?? 60) * 60) },
    judge: judge === 'kayenta' ? judgeOf(config, into, root) : null,
    ...into,
    declared: [],
  });
  return finished === null ? [] : [finished];
}

const picksOneSide: CohortSearch['picks'] = ({ value }) => value.includes('${scope}') || value.includes('${location}');

interface Placed {
  readonly from: ForeignValue;
  readonly query: PlacedCanaryQuery;
  readonly judge: JudgeName;
}

function foreignMetric(metric: CanaryMetric, { from, query, judge }: Placed): ForeignMetric {
  const { name, muted, critical, mustHaveData, direction } = metric;
  const margin = judge === 'evidence' ? marginOf(metric) : null;
  return {
    name,
    from,
    query: query.promql,
    queryFrom: query.from,
    lint: query.start === null ? null : { text: query.from.text.slice(query.start), start: query.start },
    bounds: [],
    role: muted ? 'informational' : critical ? 'critical' : 'weighted',
    weight: null,
    intervalSeconds: null,
    kayenta: judge === 'kayenta' ? optionsOf(metric) : null,
    margin: margin && { relative: margin.relative },
    onNoData: judge === 'kayenta' && !critical && !mustHaveData ? 'ignore' : null,
    harm: direction,
  };
}

/** As `kayenta: { … }` of a metric names them. */
function optionsOf(metric: CanaryMetric): Record<string, unknown> {
  const { groups, nanStrategy, outlierStrategy, outlierFactor, effectMeasure } = metric;
  const { allowedIncrease, allowedDecrease, criticalIncrease, criticalDecrease } = metric;
  const options = {
    groups: groups.length > 0 ? [...groups] : null,
    nanStrategy,
    outliers: outlierStrategy,
    outlierFactor,
    effectSize: effectMeasure,
    allowedIncrease,
    allowedDecrease,
    criticalIncrease,
    criticalDecrease,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

/** Weights only of groups that have a metric here; what is left is shared out anew. */
function judgeOf({ groupWeights, thresholds }: CanaryConfig, { metrics }: MovedMetrics, root: ForeignValue): Record<string, unknown> {
  const groups = metrics.map(({ name, kayenta }) => (kayenta?.['groups'] as readonly string[] | undefined) ?? [name]);
  const present = new Set(groups.flat());
  const kept = Object.entries(groupWeights).filter(([group]) => present.has(group));
  const sum = kept.reduce((total, [, weight]) => total + weight, 0);
  const isAllNamed = groups.every((names) => names.every((group) => kept.some(([known]) => known === group)));
  const isShort = isAllNamed && sum > 0 && sum < 100;
  for (const [group, weight] of root.at('classifier', 'groupWeights')?.entries() ?? []) {
    if (present.has(group)) weight.moved(`spec.judge.groups.${group}`);
    else
      weight.changed('groups-shared-anew', `no metric in the template is of the group '${group}'`, 'its part of the score is shared out');
  }
  if (kept.length < Object.keys(groupWeights).length || isShort)
    root.at('classifier', 'groupWeights')?.remark('decide', {
      code: 'groups-shared-anew',
      message: 'some groups have no metric in the template, and their part of the score is shared out',
      repair: 'see judge.groups, and write what each group should weigh',
    });
  const shared = kept.map(([group, weight]) => [group, isShort ? Number(((weight * 100) / sum).toFixed(6)) : weight]);
  return {
    kind: 'kayenta',
    ...(thresholds && { pass: thresholds.pass, marginal: thresholds.marginal }),
    ...(shared.length > 0 && sum > 0 && { groups: Object.fromEntries(shared) }),
  };
}
