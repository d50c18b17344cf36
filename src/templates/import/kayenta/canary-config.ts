import { JsonFields, refuseProblems } from './json-fields.js';

/** What a metric's query says, as far as Prometheus is asked. */
export interface CanaryQuery {
  /** `prometheus`; '' where it is not said */
  readonly type: string;
  readonly metricName: string;
  readonly labelBindings: readonly string[];
  readonly groupByFields: readonly string[];
  readonly customInlineTemplate: string;
  readonly customFilterTemplate: string;
  readonly customFilter: string;
  readonly resourceType: string;
}

export interface CanaryMetric {
  readonly name: string;
  readonly groups: readonly string[];
  readonly scopeName: string;
  readonly query: CanaryQuery;
  readonly direction: 'increase' | 'decrease' | 'either';
  readonly critical: boolean;
  readonly muted: boolean;
  readonly mustHaveData: boolean;
  readonly nanStrategy: 'remove' | 'replace' | null;
  readonly outlierStrategy: 'keep' | 'remove' | null;
  readonly outlierFactor: number | null;
  readonly effectMeasure: 'meanRatio' | 'cles' | null;
  readonly allowedIncrease: number | null;
  readonly allowedDecrease: number | null;
  readonly criticalIncrease: number | null;
  readonly criticalDecrease: number | null;
}

export interface Thresholds {
  readonly pass: number;
  readonly marginal: number;
}

/** Kayenta's canary config: what of it decides a verdict. */
export interface CanaryConfig {
  readonly id: string;
  readonly name: string;
  readonly applications: readonly string[];
  readonly judgeName: string;
  /** of `judge.judgeConfigurations`; null: an hour */
  readonly maxDurationMinutes: number | null;
  readonly metrics: readonly CanaryMetric[];
  readonly templates: ReadonlyMap<string, string>;
  readonly groupWeights: Readonly<Record<string, number>>;
  /** of the classifier; an execution's own come first */
  readonly thresholds: Thresholds | null;
}

const namePattern = /^[A-Za-z0-9_-]{1,200}$/;
const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A canary config with the rules of Kayenta: a plain name, an application at least, metrics with unlike names.
 *
 * @throws {InvalidRequestError} with all mistakes
 */
export function readCanaryConfig(body: unknown): CanaryConfig {
  const problems: string[] = [];
  const config = readUnnamedConfig(body, problems);
  if (config.name === '') problems.push('Canary config must specify a name.');
  else if (!namePattern.test(config.name))
    problems.push(
      `Canary config cannot be named '${config.name.slice(0, 80)}'. Names must contain only letters, numbers, dashes (-) and underscores (_).`,
    );
  if (config.applications.length === 0) problems.push('Canary config must specify at least one application.');
  if (config.id !== '' && !idPattern.test(config.id)) problems.push('id must be of at most 64 letters, digits, - and _');
  if (config.metrics.length === 0) problems.push('Canary config must specify at least one metric.');
  refuseProblems(problems);
  return config;
}

/** A canary config that need not be kept: `POST /canary` and `POST /judge` send one without a name. */
export function readUnnamedConfig(body: unknown, problems: string[]): CanaryConfig {
  const fields = new JsonFields(body, '', problems);
  const metrics = fields.list('metrics', 100).map((metric, index) => readMetric(metric, `metrics[${index}]`, problems));
  const names = metrics.map(({ name }) => name);
  for (const name of names.filter((each, index) => names.indexOf(each) !== index)) problems.push(`two metrics are named '${name}'`);
  const classifier = fields.object('classifier');
  const judge = fields.object('judge');
  return {
    id: fields.text('id'),
    name: fields.text('name'),
    applications: fields.texts('applications'),
    judgeName: judge.text('name'),
    maxDurationMinutes: judge.object('judgeConfigurations').number('maxDurationMinutes'),
    metrics,
    templates: readTemplates(fields.object('templates')),
    groupWeights: readWeights(classifier.object('groupWeights')),
    thresholds: classifier.has('scoreThresholds') ? readThresholds(classifier.object('scoreThresholds')) : null,
  };
}

/** @returns pass and marginal; a missing one is a problem */
export function readThresholds(fields: JsonFields): Thresholds {
  const [pass, marginal] = [fields.number('pass'), fields.number('marginal')];
  if (pass === null || pass < 0 || pass > 100) fields.wrong('pass', 'a number from 0 to 100');
  if (marginal === null || marginal < 0 || marginal > 100) fields.wrong('marginal', 'a number from 0 to 100');
  return { pass: pass ?? 0, marginal: marginal ?? 0 };
}

function readMetric(value: unknown, path: string, problems: string[]): CanaryMetric {
  const fields = new JsonFields(value, path, problems);
  const canary = fields.object('analysisConfigurations').object('canary');
  const [outliers, effect] = [canary.object('outliers'), canary.object('effectSize')];
  const name = fields.text('name', 200);
  if (name === '') fields.wrong('name', 'given');
  return {
    name,
    groups: fields.texts('groups'),
    scopeName: fields.text('scopeName') || 'default',
    query: readQuery(fields.object('query')),
    direction: canary.oneOf('direction', ['increase', 'decrease', 'either']) ?? 'either',
    critical: canary.flag('critical'),
    muted: canary.flag('muted'),
    mustHaveData: canary.flag('mustHaveData'),
    nanStrategy: canary.oneOf('nanStrategy', ['remove', 'replace']),
    outlierStrategy: outliers.oneOf('strategy', ['keep', 'remove']),
    outlierFactor: outliers.number('outlierFactor'),
    effectMeasure: effect.oneOf('measure', ['meanRatio', 'cles']),
    allowedIncrease: effect.number('allowedIncrease'),
    allowedDecrease: effect.number('allowedDecrease'),
    criticalIncrease: effect.number('criticalIncrease'),
    criticalDecrease: effect.number('criticalDecrease'),
  };
}

const readQuery = (fields: JsonFields): CanaryQuery => ({
  type: fields.text('type') || fields.text('serviceType'),
  metricName: fields.text('metricName'),
  labelBindings: fields.texts('labelBindings'),
  groupByFields: fields.texts('groupByFields'),
  customInlineTemplate: fields.text('customInlineTemplate', 4000) || fields.text('template', 4000), // as later versions call it
  customFilterTemplate: fields.text('customFilterTemplate'),
  customFilter: fields.text('customFilter', 4000),
  resourceType: fields.text('resourceType'),
});

const readTemplates = (fields: JsonFields): ReadonlyMap<string, string> =>
  new Map(fields.keys().map((name) => [name, fields.text(name, 4000)]));

function readWeights(fields: JsonFields): Readonly<Record<string, number>> {
  const weights = fields.keys().map((group): [string, number] => [group, fields.number(group) ?? 0]);
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  if (weights.some(([, weight]) => weight < 0 || weight > 100) || sum > 100 + 1e-9)
    fields.problems.push('classifier.groupWeights must be per cent, of at most 100 together');
  return Object.fromEntries(weights);
}
