import type { QuerySelection } from '../domain/index.js';
import type { Field } from './fields.js';
import type { Findings, Place } from './findings.js';
import type { MetricReading } from './metric-reading.js';
import { argumentsIn } from './placeholders.js';
import { parsePromql } from './promql/parse-promql.js';
import { queryText } from './promql/query-text.js';
import { readSelector } from './promql-selector.js';
import { isProblem, type PromqlToken, promqlTokens } from './promql-tokens.js';
import { text } from './readers.js';
import { printable, type YamlNode } from './yaml-tree.js';

const longestQuery = 8192;

/** selector: series whose raw counters are read at the edges of windows; expression: any PromQL, evaluated once a window. */
export type QueryForm = 'selector' | 'expression';

/** A Prometheus selection; null, with a finding now or when it is linted, where it is broken. */
export function readQuery(field: Field, form: QueryForm, reading: MetricReading): QuerySelection | null {
  const query = text(longestQuery)(field, reading.findings)?.trim();
  if (query === undefined) return null;
  reading.use.see(query, field);
  if (query === '') {
    const repair = 'write a selector such as \'checkout_started_total{job="shop"}\'';
    reading.findings.error({ code: 'invalid-promql', message: 'the query is empty', repair, path: field.path, at: field.node.at });
    return null;
  }
  if (hasUnsafePlaceholder(query, field, reading)) return { type: 'query', query };
  reading.queries.push({ query, field, form });
  return 'mistake' in parsePromql(query) ? null : { type: 'query', query };
}

/** Whether a query is a selector alone: then the conditions of the cohorts are added to it. */
export function isPlainSelector(query: string): boolean {
  const tokens = promqlTokens(query);
  return !isProblem(tokens) && readSelector(tokens) !== null;
}

/** Name of the series a query reads first; for guessing its unit. */
export function seriesName(query: string): string | null {
  const tokens = promqlTokens(query);
  return isProblem(tokens) ? null : (readSelector(tokens)?.name ?? null);
}

/** Outside quotes only a whole number or duration may be put in: anything else could change what the query means. */
function hasUnsafePlaceholder(query: string, { path, node }: Field, { findings, use }: MetricReading): boolean {
  for (const { text: written, from, to, isQuoted } of queryText(query).placeholders) {
    if (isQuoted || !written.startsWith('$')) continue;
    const [name = ''] = argumentsIn(written);
    const type = Object.hasOwn(use.specs, name) ? use.specs[name]?.type : 'number';
    const glued = /[\w:.]/.test(query[from - 1] ?? '') || /[\w:.]/.test(query[to] ?? '');
    if (!glued && type !== 'string' && type !== 'boolean') continue;
    const message = glued
      ? `'${written}' is glued to the text beside it, outside quotes`
      : `'${written}' is a ${type} and stands outside quotes: its value could change the query`;
    const repair = `put it into a quoted label value, as in {job="${written}"}, or make '${name}' a number or duration that stands alone`;
    findings.error({ code: 'placeholder-outside-string', message, repair, path, at: placeInQuery(node, from) });
    return true;
  }
  return false;
}

/** Where a character of a query stands in the text of the template. Blanks around a query do not belong to it. */
export function placeInQuery(node: YamlNode, offset: number): Place {
  return node.kind === 'scalar' ? node.placeOf(node.text.length - node.text.trimStart().length + offset) : node.at;
}

const windowed = /^(rate|irate|increase|delta|idelta)$/;

/** An expression where a counter belongs. */
export function warnOfExpression(query: string, { path, node }: Field, findings: Findings): void {
  const tokens = promqlTokens(query);
  if (isProblem(tokens)) return;
  const call = tokens.find(({ kind, text: name }) => kind === 'name' && windowed.test(name));
  const counter = firstSelector(tokens);
  findings.warning({
    code: 'not-a-selector',
    message: call
      ? `'${call.text}(…)' estimates; Assay reads the raw counter of each pod at the edges of a window and takes the exact difference`
      : 'this is an expression; Assay can take exact differences, per pod, of plain series only',
    repair: counter === null ? 'give the counter itself as a selector' : `give the counter itself: ${printable(counter)}`,
    path,
    at: placeInQuery(node, call?.offset ?? 0),
  });
}

/** The first `name{…}` inside an expression, as it should have been given. */
function firstSelector(tokens: readonly PromqlToken[]): string | null {
  const start = tokens.findIndex(
    ({ kind }, index) => kind === 'name' && (tokens[index + 1]?.text === '{' || tokens[index + 1]?.text === '['),
  );
  if (start < 0) return null;
  const end = tokens[start + 1]?.text === '{' ? tokens.findIndex(({ text: word }, index) => index > start && word === '}') : start;
  const words = tokens.slice(start, end + 1).map((token) => token.text);
  return readSelector(tokens.slice(start, end + 1)) === null ? null : words.join('').replace(/,(?!})/g, ', ');
}
