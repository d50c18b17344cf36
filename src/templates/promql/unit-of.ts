import { type Binary, type Call, type Expr, selectorsIn } from './syntax.js';

/** What the values of an answer are. `count`: of things, by the metric that counts them. */
export interface Unit {
  readonly of: 's' | 'ms' | 'By' | 'ratio' | 'percent' | 'count';
  /** the metric that the values come from */
  readonly family: string;
  /** a rate has not been divided by another one yet */
  readonly perSecond: boolean;
}

const suffixes: readonly (readonly [RegExp, Unit['of']])[] = [
  [/_seconds$/, 's'],
  [/_(?:milliseconds|millis|ms)$/, 'ms'],
  [/_bytes$/, 'By'],
  [/_ratio$/, 'ratio'],
  [/_(?:percent|percentage)$/, 'percent'],
];

/** The unit that a name says, by the naming rules of Prometheus; null: none. */
function unitOfName(name: string): Unit | null {
  const family = name.replace(/_(?:bucket|sum|count|total)$/, '');
  const counts = /_(?:bucket|count)$/.test(name);
  const said = suffixes.find(([suffix]) => suffix.test(family))?.[1];
  if (counts) return { of: 'count', family, perSecond: false };
  if (said !== undefined) return { of: said, family, perSecond: false };
  return /_total$/.test(name) ? { of: 'count', family, perSecond: false } : null;
}

/** What an expression measures, where its metrics' names and its arithmetic say so; null: nobody knows. */
export function unitOf(expr: Expr): Unit | null {
  switch (expr.type) {
    case 'number':
    case 'string':
      return null;
    case 'selector':
      return expr.name === null ? null : unitOfName(expr.name);
    case 'range':
    case 'subquery':
    case 'shifted':
    case 'paren':
      return unitOf(expr.of);
    case 'unary':
      return null;
    case 'aggregation': {
      const of = expr.args.at(-1);
      return of === undefined || /^(?:count|group|count_values|stdvar)$/.test(expr.op) ? null : unitOf(of);
    }
    case 'call':
      return unitOfCall(expr);
    case 'binary':
      return unitOfBinary(expr);
  }
}

const keepsUnit =
  /^(?:(?:avg|min|max|last|first|quantile|mad|stddev)_over_time|abs|ceil|floor|round|clamp|clamp_min|clamp_max|sort|sort_desc|label_replace|label_join)$/;

function unitOfCall({ name, args }: Call): Unit | null {
  const [first] = args;
  const last = args.at(-1);
  if (name === 'histogram_quantile') {
    const [series] = last ? selectorsIn(last) : [];
    const family = series?.name?.replace(/_bucket$/, '');
    const said = family === undefined ? undefined : suffixes.find(([suffix]) => suffix.test(family))?.[1];
    return said === undefined || family === undefined ? null : { of: said, family, perSecond: false };
  }
  const of = name === 'quantile_over_time' ? last : first;
  const unit = of ? unitOf(of) : null;
  if (unit === null) return null;
  if (name === 'rate' || name === 'irate') return { ...unit, perSecond: true };
  if (name === 'increase' || keepsUnit.test(name)) return unit;
  return null;
}

function unitOfBinary(binary: Binary): Unit | null {
  const { op, left, right, bool } = binary;
  if (bool) return null;
  const [by, of] = [numberIn(left), numberIn(right)];
  if (op === '*' && (by !== null || of !== null)) return scaled(unitOf(by === null ? left : right), by ?? of ?? 1);
  if (op === '/' && of !== null) return scaled(unitOf(left), 1 / of);
  if (op === '-' && by !== null) return complement(unitOf(right), by);
  const [a, b] = [unitOf(left), unitOf(right)];
  if (op === '/') return a && b && a.perSecond === b.perSecond ? quotient(a, b) : null;
  if (op === '+' || op === '-') return a && b && a.of === b.of && a.perSecond === b.perSecond ? a : null;
  return op === 'or' || op === 'and' || op === 'unless' || (of !== null && /^[<>=!]/.test(op)) ? a : null;
}

/** The number that an expression is, through parentheses. */
function numberIn(expr: Expr): number | null {
  if (expr.type === 'paren') return numberIn(expr.of);
  return expr.type === 'number' ? expr.value : null;
}

function scaled(unit: Unit | null, factor: number): Unit | null {
  if (unit === null || factor === 1) return unit;
  const key = `${unit.of} ${Number(factor.toPrecision(6))}`;
  const of = ({ 's 1000': 'ms', 'ms 0.001': 's', 'ratio 100': 'percent', 'percent 0.01': 'ratio' } as const)[key];
  return of === undefined ? null : { ...unit, of };
}

/** `1 - share` is a share, `100 - percent` are percent. */
function complement(unit: Unit | null, from: number): Unit | null {
  if (unit?.of === 'ratio' && from === 1) return unit;
  return unit?.of === 'percent' && from === 100 ? unit : null;
}

function quotient(a: Unit, b: Unit): Unit | null {
  const whole = { family: a.family, perSecond: false };
  if (a.of === 'count' && b.of === 'count') return a.family === b.family ? { ...whole, of: 'ratio' } : null;
  if (b.of === 'count') return a.of === 'ratio' || a.of === 'percent' ? null : { ...whole, of: a.of };
  return a.of === b.of && a.of !== 'ratio' && a.of !== 'percent' ? { ...whole, of: 'ratio' } : null;
}
