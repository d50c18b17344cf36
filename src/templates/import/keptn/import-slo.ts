import { parsePromql } from '../../promql/parse-promql.js';
import { type CohortSearch, findCohorts } from '../cohort-selector.js';
import { finishTemplate, type ImportedTemplate } from '../finish-template.js';
import type { ForeignMetric } from '../foreign-metric.js';
import { withOurPlaceholders } from '../foreign-placeholders.js';
import { scheduleOf } from '../foreign-schedule.js';
import type { ForeignValue } from '../foreign-value.js';
import type { ForeignDocument, ImportContext } from '../import-context.js';
import { leave, type MovedMetrics, moveMetric } from '../move-metric.js';
import { templateName } from '../native-draft.js';
import { accountForSlo } from './account-for-slo.js';
import { type Criterion, readCriterion } from './read-criteria.js';
import { moveToSpans } from './span-metric.js';

/** Objectives of Keptn as one template; the queries come from the SLIs of the same import. */
export function importSlo(document: ForeignDocument, context: ImportContext): ImportedTemplate[] {
  const { root } = document;
  accountForSlo(root);
  const objectives = root.get('objectives')?.items() ?? [];
  const read = objectives.map((objective) => readObjective(objective, context));
  const queries = read.flatMap(({ query }) => (query === null ? [] : [{ query: queryText(query), from: query }]));
  const usable = queries.filter(({ query }) => 'expr' in parsePromql(query));
  const cohort = findCohorts({
    queries: usable,
    picks: picksOneSide,
    asked: context.options.cohorts,
    otherwise: 'deployment',
    howToRun: () => 'start runs with the two deployments: --baseline … --canary …',
    template: root,
  });
  const into: MovedMetrics = { metrics: [], left: [] };
  const heaviest = Math.max(...read.map(({ weight }) => weight ?? 1));
  const hasKey = read.some(({ isKey }) => isKey);
  for (const objective of read)
    moveObjective(objective, { isCritical: hasKey ? objective.isKey : (objective.weight ?? 1) === heaviest, cohort, into });
  if (!hasKey && read.length > 0)
    root.remark('change', {
      code: 'made-critical',
      message: "no objective has 'key_sli', so the heaviest are 'role: critical': one metric must be",
      repair: 'give the role to what must never be missing',
    });
  const name = root.at('filter', 'service')?.text || 'slo';
  const finished = finishTemplate({
    name: templateName(`keptn-${name}`),
    title: null,
    origin: "an 'slo.yaml' of Keptn",
    from: root,
    cohortsBy: usable.length > 0 ? cohort.label : 'service.version',
    schedule: scheduleOf({ intervalSeconds: null, count: null, delaySeconds: null }),
    judge: null,
    ...into,
    declared: [],
  });
  return finished === null ? [] : [finished];
}

/** `$SERVICE` as `${SERVICE}`. */
const queryText = (query: ForeignValue): string => withOurPlaceholders(query.text, /\$(?!\$)([A-Za-z_][A-Za-z0-9_]*)/g, (name) => name);

/** With placeholders of ours that are as long as Keptn's, so that every character keeps its place. */
const withPlaceholders = (text: string): string =>
  text.replace(/\$([A-Za-z_][A-Za-z0-9_]{2,61})/g, (_, name: string) => `\${${name.slice(1, -1)}}`);

const picksOneSide: CohortSearch['picks'] = ({ value }) => /\$\{deployment\}/i.test(value);

interface Objective {
  readonly name: string;
  readonly from: ForeignValue;
  readonly criteria: readonly Criterion[];
  readonly weight: number | null;
  readonly isKey: boolean;
  /** null: in no sli.yaml */
  readonly query: ForeignValue | null;
}

function readObjective(objective: ForeignValue, { documents }: ImportContext): Objective {
  const name = objective.get('sli')?.moved('name').text ?? 'sli';
  objective.get('displayName')?.changed('left-out', 'a name for the bridge of Keptn', "write it as 'title'");
  const query =
    documents
      .filter(({ kind }) => kind === 'sli')
      .map(({ root }) => root.at('indicators', name))
      .find((each) => each !== null) ?? null;
  const weight = objective.get('weight');
  if (weight?.number) weight.moved('weight');
  const key = objective.get('key_sli');
  key?.moved('role');
  objective
    .get('warning')
    ?.changed(
      'no-warning',
      'between pass and warning Keptn asks a person',
      'Assay holds until it knows; a hold at the deadline is for a person',
    );
  return { name, from: objective, criteria: readPass(objective, name), weight: weight?.number ?? null, isKey: key?.isTrue ?? false, query };
}

/** Criteria of one entry must all hold; entries are alternatives, of which a template can say one. */
function readPass(objective: ForeignValue, name: string): Criterion[] {
  const [first, ...alternatives] = objective.get('pass')?.items() ?? [];
  for (const each of alternatives)
    each.undecided(
      'alternatives',
      `'${name}' passes by either of its criteria; a template knows no 'or'`,
      'the first is imported: see whether it is the one you mean',
    );
  return (first?.get('criteria')?.items() ?? []).flatMap((criterion) => {
    const read = readCriterion(criterion.text);
    if (read === null) {
      criterion.undecided(
        'criterion-not-moved',
        `'${criterion.inWords}' is neither a limit nor an allowed change for the worse`,
        'say in the metric how much harm is accepted',
      );
      return [];
    }
    if (read.kind === 'limit') criterion.moved('limit');
    else
      criterion.changed(
        'compared-with-baseline',
        `'${criterion.inWords}' compares with earlier evaluations`,
        'here it is the margin against the baseline that runs beside the canary',
      );
    return [read];
  });
}

interface Aim {
  readonly isCritical: boolean;
  readonly cohort: Parameters<typeof moveMetric>[1];
  readonly into: MovedMetrics;
}

function moveObjective(objective: Objective, aim: Aim): void {
  const { name, from, criteria, weight, query } = objective;
  const role = aim.isCritical ? 'critical' : 'weighted';
  if (criteria.length === 0)
    leave(
      { name, query: query?.text ?? '', from, queryFrom: query },
      "it has no 'pass' that can be moved, so Keptn shows it only",
      aim.into,
    );
  else if (query === null) moveToSpans({ name, from, criteria, role, weight }, aim.into);
  else if ('expr' in parsePromql(queryText(query))) moveToPrometheus(objective, query, aim);
  else {
    query.undecided(
      'query-not-portable',
      `the query of '${name}' is no PromQL`,
      'measure the same from Prometheus, or push it over OTLP; it is kept as a comment',
    );
    leave({ name, query: query.text, from, queryFrom: null }, 'its query is no PromQL', aim.into);
  }
}

function moveToPrometheus({ name, from, criteria, weight }: Objective, query: ForeignValue, { isCritical, cohort, into }: Aim): void {
  const base: ForeignMetric = {
    name,
    from,
    query: queryText(query),
    queryFrom: query,
    lint: { text: withPlaceholders(query.text), start: 0 },
    bounds: [],
    role: isCritical ? 'critical' : 'weighted',
    weight,
    intervalSeconds: null,
    kayenta: null,
    margin: null,
    onNoData: null,
    harm: null,
  };
  const limits = criteria.flatMap((criterion) => (criterion.kind === 'limit' ? [criterion.bound] : []));
  if (limits.length > 0) moveMetric({ ...base, bounds: limits }, cohort, into);
  for (const criterion of criteria)
    if (criterion.kind === 'margin') moveMetric({ ...base, margin: criterion.margin, harm: criterion.harm }, cohort, into);
}
