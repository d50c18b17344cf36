import { InvalidRequestError, type Issue, type Metric, type Selection, type Template } from '../domain/index.js';
import { type ArgumentValue, checkArgument } from './argument-value.js';
import { suggestion } from './did-you-mean.js';
import { fillQuery } from './fill-query.js';
import { fill } from './placeholders.js';
import { argumentNumber } from './quantity.js';
import { quotedForPattern } from './re2.js';
import { printable } from './yaml-tree.js';

/**
 * Every argument's value as text, defaults filled in.
 *
 * @throws {InvalidRequestError} with all mistakes: values that do not fit, missing ones, unknown names
 */
export function argumentValues(template: Template, given: Readonly<Record<string, ArgumentValue>>): Record<string, string> {
  const specs = template.arguments;
  const known = Object.keys(specs);
  const issues = Object.keys(given)
    .filter((name) => !Object.hasOwn(specs, name))
    .map((name) => {
      const repair = known.length > 0 ? suggestion(name, known) : 'remove it: this template has no arguments';
      return issue(name, 'unknown-argument', `${template.name} has no argument '${printable(name)}'`, repair);
    });
  const values = Object.entries(specs).flatMap(([name, spec]): [string, string][] => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || value === null) {
      if (spec.default !== null && !spec.required) return [[name, spec.default]];
      const example = spec.oneOf?.[0] ?? (spec.description === null ? `a ${spec.type}` : spec.description);
      issues.push(issue(name, 'missing-argument', `the argument '${name}' is missing`, `pass ${name}: ${printable(example)}`));
      return [];
    }
    const checked = checkArgument(name, spec, value);
    if ('text' in checked) return [[name, checked.text]];
    issues.push(issue(name, checked.code, checked.message, checked.repair));
    return [];
  });
  if (issues.length > 0) throw refused(template, issues);
  return Object.fromEntries(values);
}

/**
 * The template with its arguments filled in: no `${…}` is left.
 *
 * A value is escaped for the place where it stands, and a query must keep its words: no value can change what is asked.
 *
 * @throws {InvalidRequestError} with all mistakes at once
 */
export function resolveArguments(template: Template, given: Readonly<Record<string, ArgumentValue>>): Template {
  const values = argumentValues(template, given);
  const issues: Issue[] = [];
  const plain = (text: string): string => fill(text, (name) => values[name] ?? '');
  const plainOrNull = (text: string | null): string | null => (text === null ? null : plain(text));
  const metrics = template.metrics.map((metric) => {
    const named = { ...metric, title: plainOrNull(metric.title) };
    return fillNumbers(fillMetric(named, values, issues), template, values, issues);
  });
  if (issues.length > 0) throw refused(template, issues);
  const { numbersFromArguments: _, ...rest } = template;
  return { ...rest, title: plainOrNull(template.title), description: plainOrNull(template.description), metrics };
}

type Values = Readonly<Record<string, string>>;

function fillMetric(metric: Metric, values: Values, issues: Issue[]): Metric {
  const selection = (each: Selection): Selection => fillSelection(each, metric.name, values, issues);
  switch (metric.kind) {
    case 'proportion':
      return { ...metric, events: selection(metric.events), of: selection(metric.of) };
    case 'rate':
      return { ...metric, events: selection(metric.events), per: metric.per === 'second' ? 'second' : selection(metric.per) };
    case 'percentiles':
    case 'mean':
    case 'gauge':
      return { ...metric, of: selection(metric.of) };
  }
}

function fillSelection(selection: Selection, metric: string, values: Values, issues: Issue[]): Selection {
  if (selection.type === 'query') {
    const filled = fillQuery(selection.query, values);
    if ('query' in filled) return { type: 'query', query: filled.query };
    issues.push(issue(filled.argument, 'unsafe-argument', `${filled.problem} in the query of '${metric}'`, 'pass a value without quotes'));
    return selection;
  }
  const matchers = selection.matchers.map((matcher) => {
    const isPattern = matcher.operator === '=~' || matcher.operator === '!~';
    const value = fill(matcher.value, (name) => (isPattern ? quotedForPattern(values[name] ?? '') : (values[name] ?? '')));
    return { ...matcher, value };
  });
  const instrument = selection.instrument === null ? null : fill(selection.instrument, (name) => values[name] ?? '');
  return { ...selection, instrument, matchers };
}

/** Limits and margins that arguments give; checked again, as the default was when the template was read. */
function fillNumbers(metric: Metric, template: Template, values: Values, issues: Issue[]): Metric {
  let filled = metric;
  for (const { argument, metric: name, place } of template.numbersFromArguments ?? []) {
    const spec = template.arguments[argument];
    if (name !== metric.name || spec === undefined) continue;
    const number = argumentNumber(spec, values[argument] ?? '', place === 'margin.relative' ? 'ratio' : metric.unit);
    const problem = number === null ? 'must be a number' : problemOf(number, place, metric);
    if (number === null || problem !== null) {
      const message = `'${argument}' is the ${place} of '${metric.name}', which ${problem}`;
      issues.push(issue(argument, 'out-of-range', message, 'pass a value in that range'));
    } else filled = withNumber(filled, place, number);
  }
  return filled;
}

type NumberPlace = NonNullable<Template['numbersFromArguments']>[number]['place'];

function problemOf(number: number, place: NumberPlace, { kind, unit }: Metric): string | null {
  if (place === 'margin.relative') return number >= 0 && number <= 100 ? null : 'must be between 0 and 100';
  if (place === 'margin.absolute') {
    if (unit === 'ratio' && number >= 1) return 'must be at least 0 and below 1';
    return number >= 0 ? null : 'must be at least 0';
  }
  if (kind === 'proportion') return number > 0 && number < 1 ? null : 'must be above 0 and below 1';
  return kind === 'gauge' || kind === 'mean' || number > 0 ? null : 'must be above 0';
}

function withNumber(metric: Metric, place: NumberPlace, number: number): Metric {
  if (place === 'limit') return { ...metric, limit: number };
  const margin = metric.margin ?? { relative: 0, absolute: 0 };
  return { ...metric, margin: place === 'margin.relative' ? { ...margin, relative: number } : { ...margin, absolute: number } };
}

const issue = (argument: string, code: string, message: string, repair: string): Issue => ({
  code,
  severity: 'error',
  message,
  repair,
  path: `arguments.${printable(argument)}`,
  line: 0,
  column: 0,
});

function refused(template: Template, issues: readonly Issue[]): InvalidRequestError {
  const [first] = issues;
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : '';
  return new InvalidRequestError(`${template.name}: ${first?.message ?? ''}${more}`, { issues });
}
