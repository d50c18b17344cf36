import { parseDuration } from '../../duration.js';
import { parsePromql } from '../../promql/parse-promql.js';
import { selectorsIn } from '../../promql/syntax.js';
import { type CohortSearch, findCohorts } from '../cohort-selector.js';
import { finishTemplate, type ImportedTemplate } from '../finish-template.js';
import { scheduleInWords, scheduleOf } from '../foreign-schedule.js';
import type { ForeignValue } from '../foreign-value.js';
import { accountForObject, type ForeignDocument, type ImportContext, nothingToDo } from '../import-context.js';
import { leave, type MovedMetrics, moveMetric } from '../move-metric.js';
import { templateName } from '../native-draft.js';
import { picksOneSide } from './flagger-cohorts.js';
import { accountForMetricTemplate } from './import-metric-template.js';
import { type CanarySetting, readCanaryMetric } from './read-canary-metric.js';

/** A Canary of Flagger with the MetricTemplates it refers to as one template. */
export function importCanary(document: ForeignDocument, context: ImportContext): ImportedTemplate[] {
  const { root } = document;
  accountForObject(document, ['namespace']);
  const name = root.at('metadata', 'name')?.text || 'canary';
  const analysis = root.at('spec', 'analysis') ?? root.at('spec', 'canaryAnalysis');
  const setting: CanarySetting = {
    namespace: root.at('metadata', 'namespace')?.text || 'default',
    provider: root.at('spec', 'provider')?.text ?? '',
    interval: analysis?.get('interval')?.text || '1m',
  };
  const read = (analysis?.get('metrics')?.items() ?? []).map((entry) => readCanaryMetric(entry, setting, context));
  for (const template of new Set(read.flatMap((each) => each.template ?? []))) accountForMetricTemplate(template);
  const queries = read.flatMap(({ metric }) => (metric ? [{ query: metric.query, from: metric.queryFrom }] : []));
  const target = root.at('spec', 'targetRef', 'name')?.text || name;
  const cohort = findCohorts({
    queries,
    picks: (matcher) => picksOneSide(matcher) || picksPodsOf(target)(matcher),
    asked: context.options.cohorts,
    otherwise: 'deployment',
    howToRun: howToRun(target),
    template: root,
  });
  for (const { query, from } of queries) sayFixedPods(query, from, target);
  const into: MovedMetrics = { metrics: [], left: [] };
  for (const each of read) {
    if (each.metric === null) leave({ name: each.name, query: each.original, from: each.from, queryFrom: null }, each.left, into);
    else moveMetric(each.metric, cohort, into);
  }
  const schedule = accountForAnalysis(root, analysis);
  accountForSpec(root.get('spec'));
  const declared = declaredBy(root, into);
  const finished = finishTemplate({
    name: templateName(name),
    title: null,
    origin: `the Canary '${name}' of Flagger`,
    from: root,
    cohortsBy: cohort.label,
    schedule,
    judge: null,
    ...into,
    declared,
  });
  return finished === null ? [] : [finished];
}

/** The pods of the canary by a name that is written out: those of the primary have one word more. */
const picksPodsOf =
  (target: string): CohortSearch['picks'] =>
  ({ label, operator, value }) =>
    operator === '=~' && /(?:^|_)pod(?:_name)?$/.test(label) && (value.startsWith(`${target}-[`) || value.startsWith(`${target}-primary-`));

function sayFixedPods(query: string, from: ForeignValue, target: string): void {
  const parsed = parsePromql(query);
  const fixed = 'expr' in parsed ? selectorsIn(parsed.expr).flatMap(({ matchers }) => matchers.filter(picksPodsOf(target)))[0] : undefined;
  if (fixed)
    from.remark('decide', {
      code: 'cohort-fixed',
      message: `'${fixed.label}=~"${fixed.value}"' are the pods of one side, with the name of '${target}' written out`,
      repair: `it is taken out where '${fixed.label}' tells the cohorts apart, and each run adds it: see that runs name the pods of both sides`,
    });
}

const howToRun =
  (target: string): CohortSearch['howToRun'] =>
  ({ label, value: written, operator }) => {
    const value = written.startsWith(`${target}-[`) ? `\${target}${written.slice(target.length)}` : written;
    const canary = value.replaceAll('${target}', target);
    const primary = value.includes('-canary') ? canary.replace('-canary', '-primary') : value.replaceAll('${target}', `${target}-primary`);
    const isPlain = /^[\w.-]+$/.test(canary);
    const side = (text: string): string => (isPlain ? text : `'${label}=${operator === '=~' ? '=~' : ''}${text}'`);
    return `start runs with --baseline ${side(primary)} --canary ${side(canary)}`;
  };

/** What Flagger fills in by itself is passed with a run, and is known here. */
function declaredBy(root: ForeignValue, { metrics }: MovedMetrics): Parameters<typeof finishTemplate>[0]['declared'] {
  const known: readonly (readonly [string, ForeignValue | null])[] = [
    ['namespace', root.at('metadata', 'namespace')],
    ['name', root.at('metadata', 'name')],
    ['target', root.at('spec', 'targetRef', 'name')],
    ['service', root.at('spec', 'service', 'name') ?? root.at('spec', 'targetRef', 'name')],
    ['ingress', root.at('spec', 'ingressRef', 'name')],
  ];
  const used = JSON.stringify(metrics.map(({ kind }) => kind));
  const namespace = root.at('metadata', 'namespace');
  if (!used.includes('${namespace}')) namespace?.changed('left-out', "'metadata.namespace' is for Kubernetes", nothingToDo);
  return known.flatMap(([name, from]) => (from !== null && used.includes(`\${${name}}`) ? [{ name, value: from.text, from }] : []));
}

const weights = ['maxWeight', 'stepWeight', 'stepWeights', 'stepWeightPromotion', 'maxWeightPromotion'];

function accountForAnalysis(root: ForeignValue, analysis: ForeignValue | null): Record<string, string> {
  const number = (key: string): number | null => analysis?.get(key)?.number ?? null;
  const steps = analysis?.get('stepWeights')?.items().length ?? 0;
  const [most, step] = [number('maxWeight'), number('stepWeight')];
  const count = number('iterations') ?? (steps > 0 ? steps : most !== null && step !== null && step > 0 ? Math.ceil(most / step) : null);
  const schedule = scheduleOf({ intervalSeconds: parseDuration(analysis?.get('interval')?.text || '1m'), count, delaySeconds: null });
  if (analysis)
    analysis.remark('change', {
      code: 'other-schedule',
      message:
        'Flagger counts checks that fail; Assay weighs all windows so far, and is as often wrong as the budget says however often it looks',
      repair: `${scheduleInWords(schedule)}: yes comes no sooner than in Flagger, and what is unclear at the deadline is hold`,
    });
  for (const [key, value] of analysis?.entries() ?? []) {
    if (key === 'metrics') continue;
    if (key === 'webhooks') for (const hook of value.items()) nameWebhook(hook);
    else if (key === 'interval' || key === 'iterations')
      value.changed('other-schedule', `'${key}: ${value.inWords}' is how often Flagger checks`, nothingToDo);
    else if (key === 'threshold')
      value.changed(
        'no-counting',
        "'threshold' counts failed checks; Assay rolls back on proven harm, however many looks it took",
        "'budget' says how often a verdict may be wrong",
      );
    else if (weights.includes(key))
      value.changed('step-weight', `'${key}' steers the traffic, which stays with Flagger`, phasesInWords(most, step));
    else value.changed('left-with-flagger', `'${key}' stays with Flagger`, nothingToDo);
  }
  if (!analysis)
    root.remark('decide', {
      code: 'no-analysis',
      message: 'this Canary has no analysis',
      repair: 'nothing is measured: begin with a template of analysis-templates/',
    });
  return schedule;
}

function phasesInWords(most: number | null, step: number | null): string {
  if (most === null || step === null || !(step > 0) || !(most >= step)) return "for a verdict in every step write 'phases'";
  return `for a verdict in every step write phases: [{ weight: ${step / 100} }, … { weight: ${most / 100} }, { weight: 1 }]`;
}

function nameWebhook(hook: ForeignValue): void {
  const [name, type] = [hook.get('name')?.inWords ?? '', hook.get('type')?.inWords || 'rollout'];
  hook.changed(
    'webhook-left',
    `the webhook '${name}' (${type}) stays with Flagger`,
    'Assay calls none for a rollout; its own hooks for Flagger are in docs/integrations/flagger.md',
  );
}

function accountForSpec(spec: ForeignValue | null): void {
  for (const [key, value] of spec?.entries() ?? []) {
    if (key === 'analysis' || key === 'canaryAnalysis') continue;
    if (key === 'provider') value.moved('the built-in metrics');
    else value.changed('left-with-flagger', `'${key}' describes the rollout, which stays with Flagger`, nothingToDo);
  }
}
