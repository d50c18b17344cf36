import type { Matcher, MatchOperator, SourceKind } from '../domain/index.js';
import { suggestion } from './did-you-mean.js';
import { asFields, type Field, type Fields, wrongType } from './fields.js';
import type { MetricReading } from './metric-reading.js';
import { argumentsIn, fill } from './placeholders.js';
import { patternProblem } from './re2.js';
import { text } from './readers.js';
import { pathOf, printable, type YamlMap } from './yaml-tree.js';

const operators: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];

/** The words that an attribute can have, where they are few. */
const wordsOf: Readonly<Partial<Record<SourceKind, Readonly<Record<string, readonly string[]>>>>> = {
  traces: { kind: ['server', 'client', 'producer', 'consumer', 'internal'], status: ['unset', 'ok', 'error'] },
  logs: { severity: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', ''] },
};

/** Conditions as `attribute: value`, `attribute: '!=value'` or `attribute: { '!=': value }`. */
export function readMatchers(map: YamlMap, path: string, reading: MetricReading, skip: readonly string[] = []): Matcher[] {
  const matchers: Matcher[] = [];
  for (const { key, keyAt, value } of map.entries.values()) {
    if (skip.includes(key)) continue;
    const field: Field = { node: value, path: pathOf(path, key), keyAt };
    if (!isAttributeName(key, field, reading)) continue;
    if (value.kind === 'map') matchers.push(...readOperators(key, field, reading));
    else matchers.push(...readPrefixed(key, field, reading));
  }
  return matchers;
}

/** A condition whose operator stands in front of its value: `!=x`, `=~x`, `!~x`; a bare value is compared as it is. */
function readPrefixed(attribute: string, field: Field, reading: MetricReading): Matcher[] {
  const { node, path } = field;
  if (node.kind === 'list') {
    wrongType(field, reading.findings, 'one value', "write one value, or a pattern: '=~one|other'");
    return [];
  }
  if (node.kind === 'scalar' && node.value === null) {
    wrongType(field, reading.findings, 'one value', "write the value, or '' for an attribute that is not there");
    return [];
  }
  const written = text(1024)(field, reading.findings);
  if (written === undefined) return [];
  const operator = operators.find((candidate) => candidate !== '=' && written.startsWith(candidate)) ?? '=';
  if (operator === '=' && /^[=!]/.test(written)) {
    const rest = printable(written.replace(/^[=!]+\s*/, ''));
    const message = `'${printable(written)}' begins with no operator that Assay knows`;
    const repair = `write '!=${rest}', '=~${rest}' or '!~${rest}'; if the value itself begins so, write { '=': '${printable(written)}' }`;
    reading.findings.error({ code: 'ambiguous-matcher', message, repair, path, at: node.at });
    return [];
  }
  return checked({ attribute, operator, value: operator === '=' ? written : written.slice(2) }, field, reading);
}

function readOperators(attribute: string, field: Field, reading: MetricReading): Matcher[] {
  const fields = asFields(field, reading.findings);
  if (fields === undefined) return [];
  const matchers = operators.flatMap((operator) => readOperator(attribute, operator, fields, reading));
  if (matchers.length === 0 && !operators.some((operator) => fields.has(operator))) fields.missing('=', "'=': value");
  fields.done();
  return matchers;
}

function readOperator(attribute: string, operator: MatchOperator, fields: Fields, reading: MetricReading): Matcher[] {
  const field = fields.take(operator);
  const value = field && text(1024)(field, reading.findings);
  return field && value !== null && value !== undefined ? checked({ attribute, operator, value }, field, reading) : [];
}

function checked(matcher: Matcher, field: Field, reading: MetricReading): Matcher[] {
  const { attribute, operator, value } = matcher;
  const { findings, source, use } = reading;
  const { path, node } = field;
  use.see(value, field);
  if (operator === '=~' || operator === '!~') {
    const problem = patternProblem(fill(value, () => 'x'));
    if (problem === null) return [matcher];
    const repair = 'write an RE2 pattern of at most 256 characters; it is anchored at both ends';
    findings.error({ code: 'invalid-regex', message: `'${printable(value)}' is no pattern: ${problem}`, repair, path, at: node.at });
    return [];
  }
  const ofSource = wordsOf[source] ?? {};
  const words = Object.hasOwn(ofSource, attribute) ? ofSource[attribute] : undefined;
  if (words === undefined || words.includes(value) || argumentsIn(value).length > 0) return [matcher];
  const known = words.filter((word) => word !== '');
  const what = source === 'logs' ? "a log record's" : "a span's";
  const message = `${what} ${attribute} is one of ${known.join(', ')}, and never '${printable(value)}'`;
  const plain = value.toLowerCase().replace(/^(span_kind|status_code|severity_number)_/, '');
  findings.error({ code: 'invalid-value', message, repair: suggestion(plain, known), path, at: node.at });
  return [];
}

function isAttributeName(key: string, { path, keyAt }: Field, { findings, cohortAttribute }: MetricReading): boolean {
  if (key.includes('${')) {
    const repair = 'write the attribute out; arguments may stand in its value';
    findings.error({ code: 'argument-not-allowed', message: 'an argument cannot name an attribute', repair, path, at: keyAt });
    return false;
  }
  if (key === '' || key.length > 256 || /\s/.test(key)) {
    const repair = "write the attribute's name, such as http.route";
    findings.error({ code: 'invalid-name', message: `'${printable(key)}' is no attribute`, repair, path, at: keyAt });
    return false;
  }
  if (key === cohortAttribute) {
    const message = `'${key}' tells the cohorts apart, and each run adds it; here it is fixed for both sides`;
    findings.warning({ code: 'cohort-fixed', message, repair: `remove '${key}'`, path, at: keyAt });
  }
  return true;
}
