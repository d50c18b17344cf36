import { parseDuration } from '../../duration.js';
import type { Bound } from '../condition/read-condition.js';
import type { ForeignMetric } from '../foreign-metric.js';
import { withOurPlaceholders } from '../foreign-placeholders.js';
import type { ForeignValue } from '../foreign-value.js';
import { type ForeignDocument, type ImportContext, nothingToDo } from '../import-context.js';
import { builtInQuery, meshes } from './built-in-metrics.js';

export interface CanaryMetric {
  readonly name: string;
  readonly from: ForeignValue;
  /** null where it cannot be moved, with the reason */
  readonly metric: ForeignMetric | null;
  readonly left: string;
  readonly original: string;
  /** the MetricTemplate it refers to, where that is here */
  readonly template: ForeignDocument | null;
}

/** What the queries of one Canary are filled in with. */
export interface CanarySetting {
  readonly namespace: string;
  readonly provider: string;
  readonly interval: string;
}

/** A query of Flagger's with `{{ namespace }}` as `${namespace}`; the interval and variables are filled in, as they are fixed. */
export function flaggerText(text: string, interval: string, variables: ReadonlyMap<string, string>): string {
  const filled = text.replace(/\{\{-?\s*(interval|variables\.[\w.-]+)\s*-?\}\}/g, (whole, name: string) => {
    if (name === 'interval') return interval;
    return variables.get(name.slice('variables.'.length)) ?? whole;
  });
  return withOurPlaceholders(filled, /\{\{-?\s*([\w.-]{1,80})\s*-?\}\}/g, (name) => name);
}

/** One entry of `analysis.metrics`. */
export function readCanaryMetric(entry: ForeignValue, setting: CanarySetting, context: ImportContext): CanaryMetric {
  const name = entry.get('name')?.moved('name').text ?? 'metric';
  const interval = entry.get('interval');
  const every = interval?.text || setting.interval;
  interval?.changed('other-range', `'interval: ${every}' is the range of the query`, nothingToDo);
  const variables = new Map((entry.get('templateVariables')?.entries() ?? []).map(([key, value]) => [key, value.text]));
  const reference = entry.get('templateRef');
  const template = reference && findTemplate(reference, setting.namespace, context);
  accountForReference(reference, template);
  const own = entry.get('query');
  const base = { name, from: entry, template };
  accountForVariables(entry, template?.root.at('spec', 'query')?.text ?? '');
  const built = reference || own ? null : builtInQuery(name, context.options.mesh ?? setting.provider, every);
  const source = template?.root.at('spec', 'query') ?? own;
  if (source === null && built === null) {
    const left = whyNot(name, reference);
    entry.get('thresholdRange')?.changed('condition-left', 'the range goes with the metric that is not moved', 'see this file');
    return { ...base, metric: null, left, original: '' };
  }
  const bounds = readBounds(entry, name);
  const provider = template?.root.at('spec', 'provider', 'type')?.text ?? 'prometheus';
  const text = source?.text ?? built ?? '';
  if (provider !== 'prometheus') return { ...base, metric: null, left: `it asks ${provider}`, original: text };
  if (built !== null) sayBuiltIn(entry, name, context.options.mesh ?? setting.provider);
  const metric: ForeignMetric = {
    name,
    from: entry,
    query: built ?? flaggerText(text, every, variables),
    queryFrom: source ?? entry,
    lint: source === null ? null : { text: source.text, start: 0 },
    bounds,
    role: 'critical',
    weight: null,
    intervalSeconds: parseDuration(every),
    kayenta: null,
    margin: null,
    onNoData: null,
    harm: null,
  };
  return { ...base, metric, left: '', original: text };
}

function accountForVariables(entry: ForeignValue, query: string): void {
  for (const [key, value] of entry.get('templateVariables')?.entries() ?? [])
    if (query.includes(`variables.${key}`)) value.moved('the query');
}

function sayBuiltIn(entry: ForeignValue, name: string, provider: string): void {
  const isSaid = provider !== '';
  entry.remark(isSaid ? 'change' : 'decide', {
    code: 'built-in-metric',
    message: isSaid
      ? `'${name}' is what Flagger asks of ${provider}`
      : `'${name}' is built into Flagger, and nobody says for which mesh: istio is taken`,
    repair: isSaid ? 'see that your series have these names and labels' : `import again with --mesh ${meshes.join('|')}`,
  });
}

function whyNot(name: string, reference: ForeignValue | null): string {
  if (reference !== null) return `the MetricTemplate '${reference.get('name')?.text ?? ''}' is in none of these files`;
  return ['request-success-rate', 'request-duration'].includes(name)
    ? 'nobody knows what Flagger asks of this provider'
    : 'it has no query';
}

function findTemplate(reference: ForeignValue, namespace: string, { documents }: ImportContext): ForeignDocument | null {
  const name = reference.get('name')?.text;
  const where = reference.get('namespace')?.text ?? namespace;
  const named = documents.filter(({ kind, root }) => kind === 'MetricTemplate' && root.at('metadata', 'name')?.text === name);
  return named.find(({ root }) => (root.at('metadata', 'namespace')?.text ?? namespace) === where) ?? named[0] ?? null;
}

function accountForReference(reference: ForeignValue | null, template: ForeignDocument | null): void {
  if (template !== null) reference?.moved('the query');
  else
    reference?.undecided(
      'template-not-here',
      `the MetricTemplate '${reference.get('name')?.inWords ?? ''}' is in none of these files`,
      'import it together with the Canary',
    );
}

/** `thresholdRange`, and the single `threshold` that came before it. */
function readBounds(entry: ForeignValue, name: string): Bound[] {
  const range = entry.get('thresholdRange');
  const bounds = (['min', 'max'] as const).flatMap((side): Bound[] => {
    const value = range?.get(side)?.number ?? null;
    if (value === null) return [];
    range?.get(side)?.moved(side === 'min' ? 'limit, harm: decrease' : 'limit, harm: increase');
    return [{ side, value, strict: false }];
  });
  const old = entry.get('threshold');
  const value = old?.number ?? null;
  if (old === null || value === null) return bounds;
  if (bounds.length > 0) {
    old.changed('ignored-in-flagger', "'threshold' is not read where there is a 'thresholdRange'", nothingToDo);
    return bounds;
  }
  const side = name === 'request-success-rate' ? 'min' : 'max';
  old.moved(side === 'min' ? 'limit, harm: decrease' : 'limit, harm: increase');
  return [{ side, value, strict: false }];
}
