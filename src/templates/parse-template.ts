import { createHash } from 'node:crypto';
import type { ArgumentSpec, CohortRule, Issue, Metric, NumberFromArgument, Phase, PodSpreadRule, Template } from '../domain/index.js';
import { ArgumentUse } from './argument-use.js';
import { checkJudgedOnce } from './check-judged-once.js';
import { checkText } from './check-text.js';
import { asFields, asList, type Field, Fields } from './fields.js';
import { Findings } from './findings.js';
import { readArguments } from './read-arguments.js';
import { checkEarlierBaseline, readEarlierBaseline } from './read-earlier-baseline.js';
import { readGuards } from './read-guards.js';
import { readJudge } from './read-judge.js';
import { checkNames, readMetric } from './read-metric.js';
import { readPhases } from './read-phases.js';
import { defaultBudget, readBudget, readSchedule } from './read-schedule.js';
import type { Slices } from './read-slices.js';
import { attributeName, integer, isReserved, named, oneOf, text } from './readers.js';
import { sliceMetrics } from './slice-metrics.js';
import { parseYaml, pathOf, printable, type YamlMap, type YamlNode } from './yaml-tree.js';

const mostMetrics = 50;
const mostLabels = 32;
/** of Prometheus, in seconds, where nobody says another */
const usualScrape = 15;

export interface ParsedTemplate {
  /** null where there is an error */
  readonly template: Template | null;
  /** all mistakes, in the order of the text; warnings do not hinder the template */
  readonly issues: Issue[];
  /** where the text came from, for people */
  readonly source: string;
}

/** `sha256:` and 64 hex digits of the text's bytes. */
export const hashOf = (written: string): string => `sha256:${createHash('sha256').update(written, 'utf8').digest('hex')}`;

/**
 * Checks the text of a template and returns it typed, with every default filled in and `${…}` still in its texts.
 *
 * Total: any text gives a template or errors, in bounded time; every mistake is found at once.
 *
 * @param source         name of the file or place, for people
 * @param scrapeSeconds  how often Prometheus reads its targets, by which ranges and windows are checked
 */
export function parseTemplate(written: string, source = 'template', scrapeSeconds = usualScrape): ParsedTemplate {
  const findings = new Findings();
  const body = written.replace(/^\uFEFF/, '');
  const root = checkText(body, findings) ? parseYaml(body, findings) : null;
  const template = root === null ? null : readTemplate(root, hashOf(written), { findings, scrapeSeconds });
  return { template: findings.hasErrors ? null : template, issues: findings.issues(), source };
}

interface Reading {
  readonly findings: Findings;
  readonly scrapeSeconds: number;
}

function readTemplate(root: YamlNode, hash: string, { findings, scrapeSeconds }: Reading): Template | null {
  const at = { line: 1, column: 1 };
  const fields = asFields({ node: root, path: '', keyAt: at }, findings);
  if (fields === undefined) return null;
  fields.required('apiVersion', oneOf(['assay.dev/v1']), 'assay.dev/v1', 'apiVersion: assay.dev/v1');
  fields.required('kind', oneOf(['AnalysisTemplate']), 'AnalysisTemplate', 'kind: AnalysisTemplate');
  const metadata = fields.take('metadata');
  const spec = fields.take('spec');
  if (metadata === null) fields.missing('metadata', 'metadata: { name: my-service }');
  if (spec === null) fields.missing('spec', 'spec: { metrics: […] }');
  fields.done();
  const read = spec && asFields(spec, findings);
  const readMeta = metadata && asFields(metadata, findings);
  const argumentsField = read?.take('arguments') ?? null;
  const specs = (argumentsField && readArguments(argumentsField, findings)) ?? {};
  const use = new ArgumentUse(specs, findings);
  for (const each of textsIn(root)) use.seeMentioned(each);
  const named = readMeta ? readMetadata(readMeta, use) : { name: '', title: null, description: null, labels: {} };
  if (!read) return null;
  const rest = readSpec(read, use, scrapeSeconds);
  checkUse(specs, use, argumentsField, findings);
  return { ...named, hash, arguments: specs, ...rest };
}

function readMetadata(fields: Fields, use: ArgumentUse): Pick<Template, 'name' | 'title' | 'description' | 'labels'> {
  const name = fields.required(
    'name',
    named(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "name: lower-case letters, digits and '-', at most 63"),
    '',
    'name: my-service',
  );
  const read = (key: string, longest: number): string | null => {
    const field = fields.take(key);
    const value = field && (text(longest)(field, fields.findings) ?? null);
    if (field && value !== null) use.see(value, field);
    return value;
  };
  const title = read('title', 200);
  const description = read('description', 4000);
  const labels = readLabels(fields.take('labels'), fields.findings);
  fields.done();
  return { name, title, description, labels };
}

function readLabels(field: Field | null, findings: Findings): Record<string, string> {
  if (field === null || asFields(field, findings) === undefined) return {};
  const entries = [...(field.node as YamlMap).entries.values()];
  if (entries.length > mostLabels) {
    const message = `there are ${entries.length} labels; at most ${mostLabels} are read`;
    findings.error({ code: 'too-long', message, repair: 'keep those that somebody filters by', path: field.path, at: field.keyAt });
    return {};
  }
  return Object.fromEntries(
    entries.map(({ key, keyAt, value }) => {
      const path = pathOf(field.path, key);
      if (key === '' || key.length > 128 || isReserved(key)) {
        const message = `'${printable(key)}' is no name for a label`;
        findings.error({ code: 'invalid-name', message, repair: "use letters, digits, '.', '-' and '_'", path, at: keyAt });
      }
      return [key, text(256)({ node: value, path, keyAt }, findings) ?? ''];
    }),
  );
}

type Spec = Pick<Template, 'cohorts' | 'schedule' | 'budget' | 'phases' | 'metrics' | 'judge' | 'guards' | 'numbersFromArguments'>;

function readSpec(fields: Fields, use: ArgumentUse, scrapeSeconds: number): Spec {
  const { findings } = fields;
  const metricsField = fields.take('metrics');
  const items = metricsField === null ? [] : (asList(metricsField, findings) ?? []);
  const isPulled = items.length > 0 && items.every(({ node }) => sourceOf(node) === 'prometheus');
  const cohorts = readCohorts(fields, isPulled);
  const schedule = readSchedule(fields.optional('schedule', asFields, null), isPulled ? scrapeSeconds : null);
  const budgetFields = fields.optional('budget', asFields, null);
  const budget = budgetFields === null ? defaultBudget : readBudget(budgetFields);
  const judge = readJudge(fields.take('judge'), findings);
  const filled: NumberFromArgument[] = [];
  if (metricsField === null || (metricsField.node.kind === 'list' && items.length === 0)) {
    fields.missing('metrics', 'metrics: a list with at least one critical metric');
  }
  const slices = new Map<string, Slices>();
  const metrics = readMetrics(fields, items, {
    findings,
    use,
    cohortAttribute: cohorts.by,
    judge,
    filled,
    slices,
    windowSeconds: schedule.windowSeconds,
    scrapeSeconds,
  });
  const phasesField = fields.take('phases');
  const phases: readonly Phase[] = phasesField === null ? [] : readPhases(phasesField, metrics, use, findings);
  if (cohorts.baseline) checkEarlierBaseline(cohorts.baseline, { schedule, metrics, fields });
  if (judge) checkJudgedOnce(judge, { schedule, phases, metrics, sliced: slices, isEarlier: cohorts.baseline !== undefined, spec: fields });
  const readsSpans = items.some(({ node }) => sourceOf(node) === 'traces');
  const guards = readGuards(fields.optional('guards', asFields, null), readsSpans);
  fields.done();
  const judged = judge ? { judge } : {};
  const all = sliceMetrics({ metrics, phases, filled }, slices, findings);
  const numbers = filled.length > 0 ? { numbersFromArguments: all.filled } : {};
  return { cohorts, schedule, budget, phases: all.phases, metrics: all.metrics, ...judged, guards, ...numbers };
}

const podSpreads: readonly PodSpreadRule[] = ['harm', 'strict', 'ignore'];

function readCohorts(spec: Fields, isPulled: boolean): CohortRule {
  const fields = spec.optional('cohorts', asFields, null);
  if (fields === null) {
    if (isPulled) spec.missing('cohorts', 'cohorts: { by: version }, the label that tells the two sides apart');
    return { by: 'service.version', pod: null, podSpread: 'harm' };
  }
  const by = isPulled
    ? fields.required('by', attributeName, '', 'by: version, the label that tells the two sides apart')
    : fields.optional('by', attributeName, 'service.version');
  const pod = fields.optional('pod', attributeName, null);
  const podSpread = fields.optional('podSpread', oneOf(podSpreads), 'harm');
  const minCanaryPods = fields.optional('minCanaryPods', integer({ min: 1, max: 1000 }), null);
  const earlier = fields.optional('baseline', asFields, null);
  const baseline = earlier && readEarlierBaseline(earlier, by);
  fields.done();
  if (pod === null) checkPodsKnown(fields, podSpread, minCanaryPods ?? 1);
  const asked = minCanaryPods === null ? {} : { minCanaryPods };
  return { by, pod, podSpread, ...asked, ...(baseline === null ? {} : { baseline }) };
}

/** Without an attribute that tells pods apart none is ever counted. */
function checkPodsKnown(fields: Fields, podSpread: PodSpreadRule, minCanaryPods: number): void {
  const { findings, path } = fields;
  const repair = 'write the attribute that names a pod, such as pod: k8s.pod.name';
  if (minCanaryPods > 1) {
    const message = `'minCanaryPods' ${minCanaryPods} needs 'pod': without it no pod is counted, and no run is ever promoted`;
    findings.error({ code: 'pods-unknown', message, repair, path: `${path}.minCanaryPods`, at: fields.placeOf('minCanaryPods') });
  } else if (podSpread === 'strict') {
    const message = "'podSpread: strict' needs 'pod': without it pods are not told apart, and no margin is tightened";
    findings.warning({ code: 'pods-unknown', message, repair, path: `${path}.podSpread`, at: fields.placeOf('podSpread') });
  }
}

function readMetrics(spec: Fields, items: readonly Field[], reading: Parameters<typeof readMetric>[1]): Metric[] {
  const { findings } = reading;
  const path = `${spec.path}.metrics`;
  if (items.length === 0) return [];
  if (items.length > mostMetrics) {
    const message = `there are ${items.length} metrics; at most ${mostMetrics} are read`;
    findings.error({ code: 'too-many-metrics', message, repair: 'split the template', path, at: spec.placeOf('metrics') });
    return [];
  }
  const read = items.map((field) => ({ field, metric: readMetric(field, reading) }));
  const metrics = read.flatMap(({ metric }) => metric ?? []);
  checkNames(
    items.map((field) => ({ name: scalarOf(field.node, 'name'), field })),
    findings,
  );
  const roles = items.map(({ node }) => scalarOf(node, 'role'));
  if (roles.every((role) => role === '' || role === 'weighted' || role === 'informational')) {
    const message = 'no metric is critical: a release could be promoted although nothing was measured';
    const repair = "give the metric that must never be harmed 'role: critical'";
    findings.error({ code: 'no-critical-metric', message, repair, path, at: spec.placeOf('metrics') });
  }
  return metrics;
}

function checkUse(specs: Readonly<Record<string, ArgumentSpec>>, use: ArgumentUse, field: Field | null, findings: Findings): void {
  for (const name of Object.keys(specs)) {
    if (use.isUsed(name)) continue;
    const entry = field?.node.kind === 'map' ? field.node.entries.get(name) : undefined;
    const path = pathOf('spec.arguments', name);
    const repair = `put '\${${name}}' where it belongs, or remove it`;
    const at = entry?.keyAt ?? { line: 1, column: 1 };
    findings.warning({ code: 'unused-argument', message: `the argument '${printable(name)}' is used nowhere`, repair, path, at });
  }
}

function* textsIn(node: YamlNode): Generator<string> {
  if (node.kind === 'scalar') yield node.text;
  else for (const child of node.kind === 'list' ? node.items : [...node.entries.values()].map(({ value }) => value)) yield* textsIn(child);
}

const scalarOf = (node: YamlNode, key: string): string => {
  const value = node.kind === 'map' ? node.entries.get(key)?.value : undefined;
  return value?.kind === 'scalar' ? value.text : '';
};

const sourceOf = (node: YamlNode): string => scalarOf(node, 'source');
