import { type PromqlType, parameterOf, promqlFunctions, type Signature } from './functions.js';
import {
  type Aggregation,
  type Binary,
  bare,
  type Call,
  type Expr,
  type PromqlMistake,
  type Selector,
  type Shifted,
  type Span,
} from './syntax.js';

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);
const setOperators = new Set(['and', 'or', 'unless']);

export const isComparison = ({ op }: Binary): boolean => comparisons.has(op);
export const isSetOperation = ({ op }: Binary): boolean => setOperators.has(op);

/** What an expression gives. */
export function typeOf(expr: Expr): PromqlType {
  switch (expr.type) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
    case 'aggregation':
      return 'instant vector';
    case 'range':
    case 'subquery':
      return 'range vector';
    case 'call':
      return promqlFunctions.get(expr.name)?.returns ?? 'instant vector';
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'instant vector';
    case 'paren':
    case 'unary':
    case 'shifted':
      return typeOf(expr.of);
  }
}

/** The first thing that Prometheus would refuse although the grammar lets it pass, as `promtool check` does; null: nothing. */
export function typeMistake(expr: Expr): PromqlMistake | null {
  switch (expr.type) {
    case 'number':
    case 'string':
      return null;
    case 'selector':
      return selectorMistake(expr);
    case 'paren':
      return typeMistake(expr.of);
    case 'unary':
      return typeMistake(expr.of) ?? wanted(expr.of, ['scalar', 'instant vector'], 'a sign stands before');
    case 'range':
      return typeMistake(expr.of) ?? rangeMistake(expr.of, expr.range);
    case 'subquery':
      return typeMistake(expr.of) ?? wanted(expr.of, ['instant vector'], 'a subquery is made of') ?? positive(expr.range);
    case 'shifted':
      return typeMistake(expr.of) ?? shiftMistake(expr);
    case 'call':
      return firstOf(expr.args, typeMistake) ?? callMistake(expr);
    case 'aggregation':
      return firstOf(expr.args, typeMistake) ?? aggregationMistake(expr);
    case 'binary':
      return typeMistake(expr.left) ?? typeMistake(expr.right) ?? binaryMistake(expr);
  }
}

function firstOf<T>(all: readonly T[], find: (each: T) => PromqlMistake | null): PromqlMistake | null {
  for (const each of all) {
    const found = find(each);
    if (found !== null) return found;
  }
  return null;
}

const at = ({ from, to }: Span, message: string, repair: string): PromqlMistake => ({ from, to, message, repair });

function wanted(expr: Expr, types: readonly PromqlType[], what: string): PromqlMistake | null {
  const type = typeOf(expr);
  if (types.includes(type)) return null;
  return at(expr, `${what} ${types.map(withArticle).join(' or ')}, and this is ${withArticle(type)}`, conversion(expr, type, types));
}

const withArticle = (type: PromqlType): string => `${type === 'instant vector' ? 'an' : 'a'} ${type}`;

function conversion(expr: Expr, type: PromqlType, types: readonly PromqlType[]): string {
  if (types.includes('range vector') && type === 'instant vector') {
    return bare(expr).type === 'selector' ? 'add a range, such as [5m], behind the selector' : 'add a range and a step, such as [5m:30s]';
  }
  if (type === 'range vector') return "put it into a function that takes a range, such as 'rate(…)'";
  if (type === 'scalar' && types.includes('instant vector')) return "write 'vector(…)' around it, or name a metric";
  return `write ${types.map(withArticle).join(' or ')} here`;
}

function selectorMistake(selector: Selector): PromqlMistake | null {
  const { name, matchers } = selector;
  const names = matchers.filter(({ label }) => label === '__name__');
  const [first] = names;
  if (first !== undefined && name !== null && name !== first.value)
    return at(first, `the metric is named twice: '${name}' and '${first.value}'`, 'keep one of the two');
  const isEmpty = (match: (typeof matchers)[number]): boolean => {
    if (match.operator === '=' || match.operator === '!=') return (match.value === '') === (match.operator === '=');
    return /^\(*(?:\.\*|)\)*$/.test(match.value) === (match.operator === '=~');
  };
  if (name !== null || matchers.some((match) => !isEmpty(match))) return null;
  return at(selector, 'the selector names neither a metric nor a label that must be there: it would read everything', 'name the metric');
}

function rangeMistake(of: Expr, range: Span & { readonly seconds: number | null }): PromqlMistake | null {
  const inside = of.type === 'paren' ? bare(of) : of;
  if (of.type !== 'selector') {
    const message = 'a range such as [5m] belongs directly behind a selector';
    const repair =
      inside.type === 'selector' ? 'remove the parentheses' : 'move it into the selector, or add a step for a subquery: [5m:30s]';
    return at(range, message, repair);
  }
  return positive(range);
}

const positive = (range: Span & { readonly seconds: number | null }): PromqlMistake | null =>
  range.seconds !== null && !(range.seconds > 0) ? at(range, 'a range must be longer than nothing', 'write at least [1m]') : null;

function shiftMistake({ of, by, shift }: Shifted): PromqlMistake | null {
  for (let inside: Expr = of; inside.type === 'shifted' || inside.type === 'range'; inside = inside.of) {
    if (inside.type === 'shifted' && inside.by === by) return at(shift, `'${by}' stands twice behind one selector`, 'keep one of the two');
  }
  if (['selector', 'range', 'subquery', 'shifted'].includes(of.type)) return null;
  return at(shift, "'offset' and '@' belong directly behind a selector, a range or a subquery", 'move it to the selector');
}

function callMistake(call: Call): PromqlMistake | null {
  const signature = promqlFunctions.get(call.name);
  if (signature === undefined) return null;
  return countMistake(call, signature) ?? argumentMistake(call, signature);
}

function countMistake(call: Call, { args, optional, isOpen }: Signature): PromqlMistake | null {
  const least = args.length - optional;
  const given = call.args.length;
  if (given >= least && (isOpen || given <= args.length)) return null;
  const count = isOpen || optional > 0 ? `${given < least ? 'at least' : 'at most'} ${given < least ? least : args.length}` : String(least);
  const message = `'${call.name}' takes ${count} ${count.endsWith('1') ? 'argument' : 'arguments'}, and gets ${given}`;
  return at(call, message, `write ${call.name}(${args.map(placeOf).join(', ')})`);
}

const placeOf = (type: PromqlType): string =>
  ({ scalar: '0.99', 'instant vector': 'metric', 'range vector': 'metric[5m]', string: '"text"' })[type];

function argumentMistake(call: Call, { args }: Signature): PromqlMistake | null {
  for (const [index, argument] of call.args.entries()) {
    const type = args[Math.min(index, args.length - 1)];
    const found = type && wanted(argument, [type], `'${call.name}' wants`);
    if (found) return found;
  }
  return null;
}

function aggregationMistake(aggregation: Aggregation): PromqlMistake | null {
  const { op, args } = aggregation;
  const parameter = parameterOf(op);
  const needed = parameter === null ? 1 : 2;
  if (args.length !== needed) {
    const message = `'${op}' takes ${needed} ${needed === 1 ? 'argument' : 'arguments'}, and gets ${args.length}`;
    return at(aggregation, message, `write ${op}(${[...(parameter === null ? [] : [placeOf(parameter)]), 'metric'].join(', ')})`);
  }
  const [first, last] = [args[0], args.at(-1)];
  const wrong = parameter !== null && first ? wanted(first, [parameter], `'${op}' wants first`) : null;
  return wrong ?? (last ? wanted(last, ['instant vector'], `'${op}' wants`) : null);
}

function binaryMistake(binary: Binary): PromqlMistake | null {
  const { left, right, op, opAt, bool, matching } = binary;
  const either: readonly PromqlType[] = ['scalar', 'instant vector'];
  const wrong = wanted(left, either, `'${op}' wants`) ?? wanted(right, either, `'${op}' wants`);
  if (wrong !== null) return wrong;
  const scalars = [left, right].filter((side) => typeOf(side) === 'scalar').length;
  if (bool && !isComparison(binary)) return at(opAt, "'bool' belongs to comparisons only", "remove 'bool'");
  if (scalars === 2 && isComparison(binary) && !bool) return at(opAt, "two numbers are compared with 'bool' only", `write ${op} bool`);
  if (isSetOperation(binary) && scalars > 0)
    return at(opAt, `'${op}' works between series, and one side is a number`, 'name a metric on both sides');
  return matching === null ? null : matchingMistake(binary, matching, scalars);
}

function matchingMistake(binary: Binary, matching: NonNullable<Binary['matching']>, scalars: number): PromqlMistake | null {
  const { kind, labels, join, include } = matching;
  if (scalars > 0 && (labels.length > 0 || join !== null))
    return at(matching, `'${kind}' works between series, and one side is a number`, `remove '${kind} (…)'`);
  if (isSetOperation(binary) && join !== null) return at(matching, `'${binary.op}' knows no '${join}'`, `remove '${join}'`);
  const both = kind === 'on' ? labels.find((label) => include.includes(label)) : undefined;
  if (both !== undefined) return at(matching, `the label '${both}' stands in both 'on' and '${join}'`, `remove it from '${join}'`);
  return null;
}
