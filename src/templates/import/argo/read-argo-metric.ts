import { parseDuration } from '../../duration.js';
import { type Bound, negated, readCondition } from '../condition/read-condition.js';
import type { DeclaredArgument } from '../foreign-arguments.js';
import type { ForeignMetric } from '../foreign-metric.js';
import { withOurPlaceholders } from '../foreign-placeholders.js';
import type { ForeignValue } from '../foreign-value.js';
import { nothingToDo } from '../import-context.js';
import { plainText } from '../plain-text.js';

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

/** A text with `{{args.name}}` as `${name}`. */
export const argoText = (text: string): string =>
  withOurPlaceholders(text, /\{\{-?\s*([^{}]{1,100}?)\s*-?\}\}/g, (inside) =>
    inside.startsWith('args.') ? inside.slice('args.'.length) : /^[\w.-]+$/.test(inside) ? inside : null,
  );

/** One metric of an AnalysisTemplate, every field of it accounted for. */
export function readArgoMetric(
  metric: ForeignValue,
  dryRun: ReadonlySet<string | undefined>,
  declared: readonly DeclaredArgument[],
): ArgoMetric {
  const name = metric.get('name')?.moved('name').text || 'metric';
  const provider = metric.get('provider')?.entries() ?? [];
  const [kind, value] = provider[0] ?? ['', null];
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

interface Bounds {
  readonly bounds: readonly Bound[];
  readonly left: string | null;
}

/** What the two conditions ask. Where they do not meet, Argo is inconclusive between them: success is what counts here. */
function readBounds(metric: ForeignValue, declared: readonly DeclaredArgument[]): Bounds {
  accountForLimits(metric);
  const [success, failure] = [metric.get('successCondition'), metric.get('failureCondition')];
  const wanted = success && readOne(success, declared);
  const unwanted = failure && readOne(failure, declared);
  const refused = negatedOf(unwanted);
  if (wanted !== null) {
    if (failure) failure.changed(...besideSuccess(wanted, refused));
    return { bounds: wanted, left: null };
  }
  if (refused !== null) return { bounds: refused, left: null };
  const isSaid = success !== null || failure !== null;
  return { bounds: [], left: isSaid ? 'its condition is no limit of one number' : null };
}

/** Two things of which both must not happen are one limit each; not both at once is none. */
const negatedOf = (bounds: readonly Bound[] | null): readonly Bound[] | null => (bounds?.length === 1 ? negated(bounds) : null);

function besideSuccess(wanted: readonly Bound[], refused: readonly Bound[] | null): [string, string, string] {
  const isSame = refused?.every((bound) =>
    wanted.some(({ side, value }) => side === bound.side && JSON.stringify(value) === JSON.stringify(bound.value)),
  );
  if (isSame) return ['same-limit', "'failureCondition' is the opposite of 'successCondition'", 'one limit says both'];
  return [
    'two-limits',
    'between success and failure Argo is inconclusive; a limit has one value, and here it is that of success',
    'nothing to do: a canary between the two is rolled back only once that is proven',
  ];
}

/** Null where a limit cannot say it; then it is named. */
function readOne(field: ForeignValue, declared: readonly DeclaredArgument[]): readonly Bound[] | null {
  const meaning = readCondition(argoText(field.text));
  if (meaning === null) {
    field.undecided(
      'condition-not-a-limit',
      `'${field.inWords}' is no limit of one number`,
      'say in a metric how much harm is accepted: limit, or margin against the baseline',
    );
    return null;
  }
  const isSuccess = field.path.endsWith('successCondition');
  if (isSuccess ? meaning.passesWithoutData : meaning.failsWithoutData) {
    field.changed(
      'masked-missing-data',
      `'${field.inWords}' holds where there is no data: no data passes`,
      "here it is hold; 'onNoData: ignore' on a metric that is not critical leaves it out",
    );
  } else field.moved('limit');
  if (meaning.insteadOfData !== null)
    field.remark('change', {
      code: 'masked-missing-data',
      message: `${meaning.insteadOfData} stands in for missing data`,
      repair: 'here missing data is hold',
    });
  const unknown = meaning.bounds.flatMap(({ value }) =>
    typeof value === 'number' || hasNumber(value.argument, declared) ? [] : value.argument,
  )[0];
  if (unknown !== undefined) {
    field.remark('decide', {
      code: 'limit-needs-default',
      message: `'${unknown}' is the limit, and has no number as its value here`,
      repair: `give the argument a 'value' in the AnalysisTemplate and import again`,
    });
    return null;
  }
  return meaning.bounds;
}

const hasNumber = (name: string, declared: readonly DeclaredArgument[]): boolean => {
  const value = declared.find((each) => each.name === name)?.value ?? '';
  return value.trim() !== '' && Number.isFinite(Number(value));
};
