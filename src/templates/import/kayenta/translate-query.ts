import { isProblem, type PromqlToken, promqlTokens } from '../../promql-tokens.js';
import { patternProblem } from '../../re2.js';
import type { CanaryConfig, CanaryMetric } from './canary-config.js';

/** A metric's query with `${…}` still in it. */
export interface QueryTemplate {
  readonly promql: string;
  /** names that are filled in, each once */
  readonly names: readonly string[];
}

export type Bindings = ReadonlyMap<string, string>;

export type Translated<Value> = { readonly value: Value } | { readonly problem: string };

const placeholder = /\$\{([A-Za-z_][A-Za-z0-9_-]{0,62})\}/g;

/**
 * The PromQL that Kayenta would ask for a metric: `PromQL:…` as it stands, else `avg(metric{filter,labelBindings}) by (…)`.
 *
 * A query without any `${…}` is the same for both cohorts, and refused: it compares the canary with itself.
 */
export function translateQuery(config: Pick<CanaryConfig, 'templates'>, { name, query }: CanaryMetric): Translated<QueryTemplate> {
  const refuse = (why: string): Translated<never> => ({ problem: `metric '${name}': ${why}` });
  if (query.type !== '' && query.type.toLowerCase() !== 'prometheus')
    return refuse(`its query is for ${query.type}, and Assay asks Prometheus only; write it as customInlineTemplate "PromQL:…"`);
  if (query.customFilter !== '') return refuse('customFilter is deprecated in Kayenta too: use customInlineTemplate');
  const named = query.customInlineTemplate || (query.customFilterTemplate ? config.templates.get(query.customFilterTemplate) : '');
  if (named === undefined) return refuse(`the template '${query.customFilterTemplate}' is not among the config's templates`);
  const template = named.replaceAll('$\\{', '${'); // as Kayenta escapes them from Orca's own expressions
  const promql = template.startsWith('PromQL:') ? template.slice('PromQL:'.length) : ofFilter(template, query);
  if (promql === null)
    return refuse(
      query.resourceType === ''
        ? 'it has neither a customInlineTemplate nor a filter template: write "PromQL:…" with ${scope}'
        : `the resource type '${query.resourceType}' means labels that only Kayenta's account settings know: write "PromQL:…" with \${scope}`,
    );
  const left = promql.replace(placeholder, '');
  if (/\$\{|<[#@]/.test(left)) return refuse('it uses FreeMarker beyond ${name}, which cannot be translated');
  const tokens = promqlTokens(promql);
  if (isProblem(tokens)) return refuse(`${tokens.problem} (character ${tokens.offset + 1} of its PromQL)`);
  const names = [...new Set([...promql.matchAll(placeholder)].flatMap(([, each]) => each ?? []))];
  if (names.length === 0)
    return refuse('it asks the same for both cohorts: nothing in it depends on ${scope} or ${location}, so nothing would be compared');
  return { value: { promql, names } };
}

/** `or vector(0)` answers "nothing happened" when nothing was measured at all. */
export function isMasked({ promql }: QueryTemplate): boolean {
  const tokens = promqlTokens(promql);
  const words = isProblem(tokens) ? [] : tokens.filter(({ kind }) => kind === 'name').map(({ text }) => text.toLowerCase());
  const or = words.indexOf('or');
  return or >= 0 && words.slice(or).includes('vector');
}

/** Kayenta's own query around a filter; null without one. */
function ofFilter(filter: string, { metricName, labelBindings, groupByFields }: CanaryMetric['query']): string | null {
  if (filter === '' || !/^[A-Za-z_:][\w:]*$/.test(metricName)) return null;
  const grouped = groupByFields.length > 0 ? ` by (${groupByFields.join(',')})` : '';
  return `avg(${metricName}{${[filter, ...labelBindings].join(',')}})${grouped}`;
}

/**
 * The query of one side. Inside quotes a value is escaped for them and, as in Kayenta, may be a pattern behind `=~`; in the
 * place of a matcher it is a list of `label=value`; elsewhere only a number or a duration may stand.
 */
export function fillQuery({ promql, names }: QueryTemplate, bindings: Bindings): Translated<string> {
  const missing = names.filter((name) => (bindings.get(name) ?? '') === '');
  if (missing.length > 0) return { problem: `\${${missing.join('}, ${')}} is used, and the scope has none` };
  const tokens = promqlTokens(promql);
  if (isProblem(tokens)) return { problem: tokens.problem };
  let filled = '';
  let end = 0;
  for (const [index, token] of tokens.entries()) {
    const part = fillToken(tokens, index, bindings);
    if ('problem' in part) return part;
    filled += promql.slice(end, token.offset) + part.value;
    end = token.offset + token.text.length;
  }
  const checked = promqlTokens(filled);
  return isProblem(checked) ? { problem: checked.problem } : { value: filled + promql.slice(end) };
}

function fillToken(tokens: readonly PromqlToken[], index: number, bindings: Bindings): Translated<string> {
  const { kind, text } = tokens[index] as PromqlToken;
  const before = tokens[index - 1]?.text ?? '';
  if (kind === 'string') return fillString(text, before === '=~' || before === '!~', bindings);
  if (kind !== 'placeholder') return { value: text };
  const name = text.slice(2, -1);
  const value = bindings.get(name) ?? '';
  const after = tokens[index + 1]?.text ?? '';
  if (/^[{,]$/.test(before) && /^[},]$/.test(after) && isInBraces(tokens, index)) return matchersOf(name, value);
  if (/^\d+(\.\d+)?(ms|[smhdw])?$/.test(value) && !/^[\w:]/.test(after)) return { value };
  return { problem: `\${${name}} stands outside quotes, where only a number, a duration or, in braces, label=value may stand` };
}

function fillString(literal: string, isPattern: boolean, bindings: Bindings): Translated<string> {
  const quote = literal.charAt(0);
  const values = [...literal.matchAll(placeholder)].map(([, name = '']) => bindings.get(name) ?? '');
  if (quote === '`' && values.some((value) => value.includes('`'))) return { problem: 'a value with a backtick stands between backticks' };
  const filled = literal.replace(placeholder, (_, name: string) => escaped(bindings.get(name) ?? '', quote));
  const problem = isPattern ? values.map(patternProblem).find((each) => each !== null) : null;
  return problem ? { problem: `a value behind =~ is no pattern: ${problem}` } : { value: filled };
}

function escaped(value: string, quote: string): string {
  if (quote === '`') return value;
  return value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\n', '\\n');
}

/** The nearest bracket that is still open is a brace. */
export function isInBraces(tokens: readonly PromqlToken[], index: number): boolean {
  let closed = 0;
  for (const { kind, text } of tokens.slice(0, index).reverse()) {
    if (kind !== 'operator') continue;
    if (/^[)\]}]$/.test(text)) closed += 1;
    else if (/^[([{]$/.test(text)) {
      if (closed === 0) return text === '{';
      closed -= 1;
    }
  }
  return false;
}

const labelValue = /^\s*([A-Za-z_][\w.-]*)\s*=\s*(?:"([^"\\]*)"|([^\s"\\,={}]+))\s*$/;

/** `app=checkout,rollouts-pod-template-hash=9c7f`, as Argo's users write a scope; labels are named as Prometheus names them. */
function matchersOf(name: string, value: string): Translated<string> {
  const parts = value.split(/,|\s+and\s+/i).map((part) => labelValue.exec(part));
  const rendered = parts.flatMap((part) => {
    const [, label = '', quoted, plain] = part ?? [];
    return part ? [`${label.replace(/[^a-zA-Z0-9_]/g, '_')}=${JSON.stringify(quoted ?? plain ?? '')}`] : [];
  });
  if (rendered.length === parts.length) return { value: rendered.join(',') };
  return { problem: `\${${name}} stands for matchers, and '${value.slice(0, 80)}' is no list of label=value` };
}
