import type { QuerySelection } from '../domain/index.js';
import type { Field } from './fields.js';
import type { MetricReading } from './metric-reading.js';
import { argumentsIn, fill } from './placeholders.js';
import { type PromqlSelector, readSelector } from './promql-selector.js';
import { isProblem, type PromqlToken, promqlTokens, stringValue } from './promql-tokens.js';
import { patternProblem } from './re2.js';
import { text } from './readers.js';
import { printable } from './yaml-tree.js';

const longestQuery = 8192;

/** selector: series whose raw counters are read at the edges of windows; expression: any PromQL, evaluated once a window. */
export type QueryForm = 'selector' | 'expression';

/** A Prometheus selection. An expression where a selector is wanted is a warning, broken PromQL an error. */
export function readQuery(field: Field, form: QueryForm, reading: MetricReading): QuerySelection | null {
  const query = text(longestQuery)(field, reading.findings)?.trim();
  if (query === undefined) return null;
  reading.use.see(query, field);
  const tokens = promqlTokens(query);
  if (isProblem(tokens)) {
    const code = 'invalid-promql';
    const message = `${tokens.problem} (character ${tokens.offset + 1} of the query)`;
    const repair = query.includes('$${') ? "a literal '${' may stand in quotes only" : 'try the query in Prometheus first';
    reading.findings.error({ code, message, repair, path: field.path, at: field.node.at });
    return null;
  }
  if (tokens.length === 0) {
    const repair = 'write a selector such as \'checkout_started_total{job="shop"}\'';
    reading.findings.error({ code: 'invalid-promql', message: 'the query is empty', repair, path: field.path, at: field.node.at });
    return null;
  }
  checkPatterns(tokens, field, reading);
  // either mistake explains why the query is no selector
  if (hasUnsafePlaceholder(query, tokens, field, reading) || isMasked(tokens, field, reading)) return { type: 'query', query };
  const selector = readSelector(tokens);
  if (selector !== null) checkCohort(selector, field, reading);
  else {
    if (form === 'selector') warnOfExpression(tokens, field, reading);
    checkAggregation(tokens, field, reading);
  }
  return { type: 'query', query };
}

/** Name of the series a query reads first; for guessing its unit. */
export function seriesName(query: string): string | null {
  const tokens = promqlTokens(query);
  return isProblem(tokens) ? null : (readSelector(tokens)?.name ?? null);
}

/** Outside quotes only a whole number or duration may be put in: anything else could change what the query means. */
function hasUnsafePlaceholder(
  query: string,
  tokens: readonly PromqlToken[],
  { path, node }: Field,
  { findings, use }: MetricReading,
): boolean {
  for (const { kind, text: written, offset } of tokens) {
    if (kind !== 'placeholder') continue;
    const [name = ''] = argumentsIn(written);
    const type = Object.hasOwn(use.specs, name) ? use.specs[name]?.type : 'number';
    const glued = /[\w:.]/.test(query[offset - 1] ?? '') || /[\w:.]/.test(query[offset + written.length] ?? '');
    if (!glued && type !== 'string' && type !== 'boolean') continue;
    const message = glued
      ? `'${written}' is glued to the text beside it, outside quotes`
      : `'${written}' is a ${type} and stands outside quotes: its value could change the query`;
    const repair = `put it into a quoted label value, as in {job="${written}"}, or make '${name}' a number or duration that stands alone`;
    findings.error({ code: 'placeholder-outside-string', message, repair, path, at: node.at });
    return true;
  }
  return false;
}

function checkPatterns(tokens: readonly PromqlToken[], { path, node }: Field, { findings }: MetricReading): void {
  for (const [index, { text: operator }] of tokens.entries()) {
    const value = tokens[index + 1];
    if ((operator !== '=~' && operator !== '!~') || value?.kind !== 'string') continue;
    const problem = patternProblem(fill(stringValue(value.text), () => 'x'));
    if (problem === null) continue;
    const message = `${printable(value.text)} is no pattern: ${problem}`;
    findings.error({ code: 'invalid-regex', message, repair: 'write an RE2 pattern of at most 256 characters', path, at: node.at });
  }
}

/** `or vector(0)` answers "0 errors" when nothing was measured at all. */
function isMasked(tokens: readonly PromqlToken[], { path, node }: Field, { findings, critical }: MetricReading): boolean {
  const names = tokens.filter(({ kind }) => kind === 'name').map((token) => token.text);
  const or = names.indexOf('or');
  if (or < 0 || !names.slice(or).includes('vector')) return false;
  const mistake = {
    code: 'masked-missing-data',
    message: "'or vector(…)' turns missing data into a number",
    repair: "remove it, and say with 'onNoData' what missing data means",
    path,
    at: node.at,
  };
  if (critical) findings.error(mistake);
  else findings.warning(mistake);
  return true;
}

/** The name that OpenTelemetry's translation to Prometheus gives an attribute. */
const labelName = (attribute: string): string => attribute.replace(/[^a-zA-Z0-9_]/g, '_');

function checkCohort({ matchers }: PromqlSelector, { path, node }: Field, { findings, cohortAttribute }: MetricReading): void {
  const label = labelName(cohortAttribute);
  if (!matchers.some(({ attribute }) => attribute === label)) return;
  const message = `'${label}' tells the cohorts apart, and each run adds it; here it is fixed for both sides`;
  findings.warning({ code: 'cohort-fixed', message, repair: `remove '${label}' from the selector`, path, at: node.at });
}

const aggregators = /^(sum|avg|min|max|count|group|stddev|stdvar|quantile|topk|bottomk|histogram_quantile)$/;

/** An expression is asked as it stands, for both cohorts at once: its answer must still say whose series is whose. */
function checkAggregation(tokens: readonly PromqlToken[], { path, node }: Field, { findings, cohortAttribute }: MetricReading): void {
  const label = labelName(cohortAttribute);
  const words = tokens.filter(({ kind }) => kind === 'name').map((token) => token.text);
  const aggregator = words.find((word) => aggregators.test(word));
  if (aggregator === undefined || label === '' || words.includes(label)) return;
  const message = `the answer has lost the label '${label}', by which the cohorts are told apart`;
  findings.warning({ code: 'cohort-lost', message, repair: `keep it: ${aggregator} by (${label}) (…)`, path, at: node.at });
}

const windowed = /^(rate|irate|increase|delta|idelta)$/;

function warnOfExpression(tokens: readonly PromqlToken[], { path, node }: Field, { findings }: MetricReading): void {
  const call = tokens.find(({ kind, text: name }) => kind === 'name' && windowed.test(name));
  const counter = firstSelector(tokens);
  findings.warning({
    code: 'not-a-selector',
    message: call
      ? `'${call.text}(…)' estimates; Assay reads the raw counter of each pod at the edges of a window and takes the exact difference`
      : 'this is an expression; Assay can take exact differences, per pod, of plain series only',
    repair: counter === null ? 'give the counter itself as a selector' : `give the counter itself: ${printable(counter)}`,
    path,
    at: node.at,
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
