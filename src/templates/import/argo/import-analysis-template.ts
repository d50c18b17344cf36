import { picksRelease } from '../../promql/cohort-labels.js';
import { patternProblem, templateRegExp } from '../../re2.js';
import { type CohortSearch, findCohorts } from '../cohort-selector.js';
import { finishTemplate, type ImportedTemplate } from '../finish-template.js';
import type { DeclaredArgument } from '../foreign-arguments.js';
import { scheduleInWords, scheduleOf } from '../foreign-schedule.js';
import type { ForeignValue } from '../foreign-value.js';
import { accountForObject, type ForeignDocument, type ImportContext, nothingToDo } from '../import-context.js';
import { leave, type MovedMetrics, moveMetric } from '../move-metric.js';
import { argumentName, templateName } from '../native-draft.js';
import { hasConfig, kayentaElsewhere } from './kayenta-provider.js';
import { type ArgoMetric, readArgoMetric } from './read-argo-metric.js';

/** An AnalysisTemplate or ClusterAnalysisTemplate of Argo Rollouts as one template. */
export function importAnalysisTemplate(document: ForeignDocument, context: ImportContext): ImportedTemplate[] {
  const { root } = document;
  accountForObject(document);
  const spec = root.get('spec');
  const name = root.at('metadata', 'name')?.text || root.at('metadata', 'generateName')?.text || 'analysis';
  const declared = readArguments(spec, context);
  const entries = spec?.get('metrics')?.items() ?? [];
  const dryRun = dryRunMetrics(
    spec,
    entries.map((each) => each.get('name')?.text ?? ''),
  );
  const metrics = entries.map((metric) => readArgoMetric(metric, dryRun, declared));
  accountForSpec(spec);
  const queries = metrics.flatMap(({ prometheus, left }) =>
    prometheus && left === null ? [{ query: prometheus.query, from: prometheus.queryFrom }] : [],
  );
  const cohort = findCohorts({
    queries,
    picks: picksRelease,
    asked: context.options.cohorts,
    otherwise: 'rollouts_pod_template_hash',
    howToRun,
    template: root,
  });
  const into: MovedMetrics = { metrics: [], left: [] };
  const kayenta = metrics.flatMap(({ kayenta: found }) => found ?? []);
  const isElsewhere = ({ kayenta: provider }: ArgoMetric): boolean => provider !== null && hasConfig(provider, context);
  for (const metric of metrics) {
    if (isElsewhere(metric)) continue;
    if (metric.prometheus === null || metric.left !== null)
      leave(
        { name: metric.name, query: metric.original, from: metric.from, queryFrom: metric.prometheus?.queryFrom ?? null },
        metric.left ?? 'it has no provider',
        into,
      );
    else moveMetric(metric.prometheus, cohort, into);
  }
  kayentaElsewhere(kayenta, context);
  if (metrics.length > 0 && metrics.every(isElsewhere)) {
    for (const { from } of declared) from.changed('argument-not-needed', 'arguments go to Kayenta', nothingToDo);
    return [];
  }
  const schedule = sharedSchedule(metrics, root, into.metrics.length > 0);
  const finished = finishTemplate({
    name: templateName(name),
    title: null,
    origin: `the ${document.kind} '${name}' of Argo Rollouts`,
    from: root,
    cohortsBy: cohort.label,
    schedule,
    judge: null,
    ...into,
    declared,
  });
  return finished === null ? [] : [finished];
}

/** Names that a rule of `dryRun` matches: a pattern, which Argo looks for anywhere in the name. */
function dryRunMetrics(spec: ForeignValue | null, names: readonly string[]): ReadonlySet<string | undefined> {
  const found = new Set<string | undefined>();
  for (const rule of spec?.get('dryRun')?.items() ?? []) {
    const field = rule.get('metricName');
    const pattern = `(?s:.*(?:${field?.text ?? ''}).*)`;
    const matched = field === null || patternProblem(pattern) !== null ? [] : names.filter(templateRegExp(pattern));
    for (const name of matched) found.add(name);
    if (matched.length > 0) field?.moved('role: informational');
    else
      field?.undecided(
        'no-such-metric',
        `'${field.inWords}' is a pattern that matches no metric: Argo refuses to run this template`,
        "write 'role: informational' for the metric that is meant",
      );
  }
  return found;
}

function readArguments(spec: ForeignValue | null, { documents }: ImportContext): DeclaredArgument[] {
  const given = argumentsOfRollouts(documents);
  return (spec?.get('args')?.items() ?? []).flatMap((arg) => {
    const name = arg.get('name')?.text ?? '';
    if (name === '') return [];
    arg.get('name')?.moved(`spec.arguments.${argumentName(name)}`);
    const source = arg.get('valueFrom');
    source?.changed(
      source.get('secretKeyRef') ? 'secret-not-imported' : 'argument-filled-elsewhere',
      source.get('secretKeyRef')
        ? `'${name}' is a secret for asking a provider; Assay holds its own`
        : `'${name}' is read from the cluster by Argo`,
      source.get('secretKeyRef')
        ? 'see ASSAY_PROMETHEUS_TOKEN in docs/configuration.md'
        : `pass it with the run: --arg ${argumentName(name)}=…`,
    );
    const value = arg.get('value');
    value?.moved(`spec.arguments.${argumentName(name)}.default`);
    return [{ name: argumentName(name), value: value?.text ?? given.get(name) ?? null, from: arg }];
  });
}

/** What the rollouts of the same import pass, where it is a plain value. */
function argumentsOfRollouts(documents: readonly ForeignDocument[]): ReadonlyMap<string, string> {
  const args = documents
    .filter(({ kind }) => kind === 'Rollout')
    .flatMap(({ root }) => [
      ...(root.at('spec', 'strategy', 'canary', 'analysis', 'args')?.items() ?? []),
      ...(root.at('spec', 'strategy', 'canary', 'steps')?.items() ?? []).flatMap((step) => step.at('analysis', 'args')?.items() ?? []),
    ]);
  return new Map(args.flatMap((arg) => (arg.get('value') ? [[arg.get('name')?.text ?? '', arg.get('value')?.text ?? ''] as const] : [])));
}

function accountForSpec(spec: ForeignValue | null): void {
  spec?.get('measurementRetention')?.changed('left-out', 'how many measurements Argo keeps', nothingToDo);
  spec
    ?.get('templates')
    ?.undecided(
      'template-not-inlined',
      'this template is made of others',
      'import those too, and copy their metrics here: a template of Assay stands alone',
    );
}

const howToRun: CohortSearch['howToRun'] = ({ label }) =>
  label.endsWith('pod_template_hash')
    ? 'start runs with --baseline <stable hash> --canary <canary hash>: Argo passes them with podTemplateHashValue'
    : `start runs with the two values of '${label}': --baseline … --canary …`;

function sharedSchedule(metrics: readonly ArgoMetric[], root: ForeignValue, isUsed: boolean): Record<string, string> {
  const largest = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length > 0 ? Math.max(...known) : null;
  };
  const intervals = metrics.flatMap(({ intervalSeconds }) => intervalSeconds ?? []);
  const schedule = scheduleOf({
    intervalSeconds: intervals.length > 0 ? Math.min(...intervals) : null,
    count: largest(
      metrics.map(({ count, intervalSeconds }) =>
        count === null || intervalSeconds === null ? count : (count * intervalSeconds) / Math.min(...intervals),
      ),
    ),
    delaySeconds: largest(metrics.map(({ delaySeconds }) => delaySeconds)),
  });
  const unknown = metrics.find(({ count, from }) => count === null && from.get('count') !== null);
  if (unknown)
    unknown.from.remark('decide', {
      code: 'count-unknown',
      message: `how often Argo measures '${unknown.name}' is filled in elsewhere, so nobody knows how long it takes before it says yes`,
      repair: "write 'minDuration: …' as the interval times the count: without it yes may come sooner than in Argo",
    });
  if (isUsed)
    root.remark('change', {
      code: 'other-schedule',
      message:
        'Argo counts measurements that fail; Assay weighs all windows so far, and is as often wrong as the budget says however often it looks',
      repair: `${scheduleInWords(schedule)}${unknown ? '' : ': yes comes no sooner than in Argo'}, and what is unclear at the deadline is hold`,
    });
  return schedule;
}
