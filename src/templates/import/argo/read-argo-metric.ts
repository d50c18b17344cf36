import { parseDuration } from '../../duration.js';
import type { DeclaredArgument } from '../foreign-arguments.js';
import type { ForeignMetric } from '../foreign-metric.js';
import type { ForeignValue } from '../foreign-value.js';
import { nothingToDo } from '../import-context.js';
import { plainText } from '../plain-text.js';
import { argoText } from './argo-text.js';
import { readBounds } from './read-bounds.js';

export interface ArgoMetric {
  readonly name: string;
  readonly from: ForeignValue;
  readonly intervalSeconds: number | null;
  readonly count: number | null;
  readonly delaySeconds: number | null;
  /** null where another provider is asked */
  readonly prometheus: ForeignMetric | null;
  readonly kayenta: ForeignValue | null;
  /** why it cannot be moved */
  readonly left: string | null;
  /** what it asks, for the comment */
  readonly original: string;
}

/** One metric of an AnalysisTemplate, every field of it accounted for. */
export function readArgoMetric(
  metric: ForeignValue,
  dryRun: ReadonlySet<string | undefined>,
  declared: readonly DeclaredArgument[],
): ArgoMetric {
  const name = metric.get('name')?.moved('name').text || 'metric';
  const provider = metric.get('provider')?.entries() ?? [];
  const [kind, value] = provider[0] ?? ['', null];
  for (const [other, field] of provider.slice(1))
    field.undecided(
      'two-providers',
      `'${name}' asks ${nameOf(kind)} and ${nameOf(other)}; a metric has one source`,
      'see which of the two is meant',
    );
  const timing = readTiming(metric, declared);
  const base = { name, from: metric, ...timing };
  if (kind !== 'prometheus' || value === null) {
    const kayenta = kind === 'kayenta' ? value : null;
    accountForConditions(metric);
    if (kayenta === null)
      value?.undecided(
        'query-not-portable',
        `'${name}' asks ${nameOf(kind)}, and Assay reads Prometheus and OpenTelemetry only`,
        portable(kind),
      );
    const left = value === null ? 'it has no provider' : `it asks ${nameOf(kind)}`;
    return {
      ...base,
      prometheus: null,
      kayenta,
      left,
      original: withConditions(metric, value === null ? '' : (value.get('query')?.text ?? plainText(value.node))),
    };
  }
  const query = value.get('query');
  accountForPrometheus(value);
  accountForLimits(metric);
  const { bounds, left } = readBounds(metric, declared);
  const isDry = dryRun.has(name);
  const original = query?.text ?? '';
  const prometheus: ForeignMetric | null = query && {
    name,
    from: metric,
    query: argoText(original),
    queryFrom: query,
    lint: { text: original, start: 0 },
    bounds,
    role: isDry ? 'informational' : 'critical',
    weight: null,
    intervalSeconds: timing.intervalSeconds,
    kayenta: null,
    margin: null,
    onNoData: null,
    harm: null,
  };
  return {
    ...base,
    prometheus,
    kayenta: null,
    left: query === null ? 'it has no query' : left,
    original: withConditions(metric, original),
  };
}

const asked: Readonly<Record<string, string>> = { web: 'a web service', job: 'a Kubernetes job', plugin: 'a plugin', '': 'nothing' };
const nameOf = (kind: string): string => asked[kind] ?? kind;

const portable = (kind: string): string =>
  kind === 'job' || kind === 'web' || kind === 'plugin'
    ? 'keep it in an AnalysisTemplate of its own beside the gate of Assay'
    : "measure the same from Prometheus, or push it over OTLP ('source: metrics'); the query is kept as a comment";

function readTiming(
  metric: ForeignValue,
  declared: readonly DeclaredArgument[],
): Pick<ArgoMetric, 'intervalSeconds' | 'count' | 'delaySeconds'> {
  const read = (key: string, what: string): string => {
    const field = metric.get(key);
    field?.changed('other-schedule', `'${key}: ${field.inWords}' ${what}`, nothingToDo);
    return resolved(field?.text ?? '', declared);
  };
  const interval = parseDuration(read('interval', 'is how often Argo measures; windows do not overlap'));
  const count = Number(read('count', 'is how often Argo measures before it says yes') || Number.NaN);
  const delay = parseDuration(read('initialDelay', 'is how long Argo waits'));
  return { intervalSeconds: interval, count: Number.isFinite(count) ? count : null, delaySeconds: delay };
}

/** With what arguments are by default. */
function resolved(text: string, declared: readonly DeclaredArgument[]): string {
  const name = /^\$\{([\w-]+)\}$/.exec(argoText(text))?.[1];
  return name === undefined ? text : (declared.find((each) => each.name === name)?.value ?? '');
}

const limits: Readonly<Record<string, string>> = {
  failureLimit: 'counts measurements that may fail; Assay knows no single measurement, and rolls back on proven harm only',
  inconclusiveLimit: 'counts measurements between success and failure; what is unclear goes on until the deadline, and is then hold',
  consecutiveErrorLimit: 'counts errors of the provider; a source that does not answer is hold, and never ends a run',
  consecutiveSuccessLimit: 'counts measurements in a row; Assay promotes once the evidence is enough',
};

function accountForConditions(metric: ForeignValue): void {
  for (const key of ['successCondition', 'failureCondition'])
    metric.get(key)?.changed('condition-left', `'${key}' goes with the metric that is not moved`, 'it stands in the comment, too');
  accountForLimits(metric);
}

/** For the comment that a metric becomes. */
const withConditions = (metric: ForeignValue, original: string): string =>
  ['successCondition', 'failureCondition'].reduce((text, key) => {
    const condition = metric.get(key);
    return condition === null ? text : `${text.trimEnd()}\n${key}: ${condition.text}`;
  }, original);

function accountForLimits(metric: ForeignValue): void {
  for (const [key, why] of Object.entries(limits))
    metric.get(key)?.changed('no-counting', `'${key}' ${why}`, "nothing to do; 'budget' says how often a verdict may be wrong");
}

function accountForPrometheus(provider: ForeignValue): void {
  for (const [key, value] of provider.entries()) {
    if (key === 'query') continue;
    if (key === 'rangeQuery')
      value.undecided(
        'range-query',
        'Argo asks for a range and tests all its values',
        'Assay reads window by window; see that the limit is meant for each of them',
      );
    else
      value.changed(
        'left-out',
        `'${key}' of Prometheus is a setting of the server`,
        'see ASSAY_PROMETHEUS_URL and its neighbours in docs/configuration.md',
      );
  }
}
