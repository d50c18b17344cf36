import { bare, type Expr, type LabelMatch } from './syntax.js';

/** What is left out of account when two queries are compared. */
export type Ignored = (matcher: LabelMatch) => boolean;

/**
 * A text that two queries share if they ask the same: without blanks, parentheses and conditions that `ignored` names, with labels,
 * sums and products in one order, and patterns that are plain words as words.
 *
 * @param written  the whole query that `expr` is a part of: what an argument fills in is compared as it stands
 */
export function normalForm(expr: Expr, written: string, ignored: Ignored = () => false): string {
  const form = (each: Expr): string => normalForm(each, written, ignored);
  switch (expr.type) {
    case 'number':
      return expr.value === null ? written.slice(expr.from, expr.to) : String(expr.value);
    case 'string':
      return JSON.stringify(expr.value);
    case 'selector': {
      const own = expr.matchers.filter((matcher) => matcher.label !== '__name__' && !ignored(matcher));
      const conditions = [...new Set(own.map(normalMatch).filter((text) => text !== ''))].sort();
      return `${expr.name ?? ''}{${conditions.join(',')}}`;
    }
    case 'paren':
      return form(bare(expr));
    case 'unary':
      return `-${form(expr.of)}`;
    case 'range':
    case 'subquery':
      return `${form(expr.of)}[${expr.range.seconds ?? written.slice(expr.range.from, expr.range.to)}${expr.type === 'subquery' ? ':' : ''}]`;
    case 'shifted':
      return `${form(expr.of)} ${written.slice(expr.shift.from, expr.shift.to).replace(/\s+/g, '')}`;
    case 'call':
      return `${expr.name}(${expr.args.map(form).join(',')})`;
    case 'aggregation': {
      const { grouping, op, args } = expr;
      const by = grouping === null ? '' : `${grouping.kind}(${grouping.labels.toSorted().join(',')})`;
      return `${op} ${by === 'by()' ? '' : by}(${args.map(form).join(',')})`;
    }
    case 'binary': {
      const { op, matching, left, right } = expr;
      const sides = [form(left), form(right)];
      const isEven = (op === '+' || op === '*') && matching?.join == null;
      const [first, second] = isEven ? sides.sort() : sides;
      const on = matching === null ? '' : written.slice(matching.from, matching.to).replace(/\s+/g, '');
      return `(${first}${op}${expr.bool ? 'bool' : ''}${on}${second})`;
    }
  }
}

/** Words, of which a pattern may list several. */
const words = /^[\w\-/: ]*(?:\|[\w\-/: ]+)*$/;

function normalMatch({ label, operator, value }: LabelMatch): string {
  if (operator === '=~' && /^\(?\.\*\)?$/.test(value)) return ''; // lets everything through
  const isPattern = operator.endsWith('~');
  if (!isPattern || !words.test(value)) return `${label}${operator}${JSON.stringify(value)}`;
  const sorted = [...new Set(value.split('|'))].sort();
  const sign = operator.startsWith('!') ? '!' : '';
  return `${label}${sign}${sorted.length === 1 ? '=' : '=~'}${JSON.stringify(sorted.join('|'))}`;
}
