import { type Binary, type Call, type Expr, selectorsIn } from './syntax.js';

/** What the values of an answer are. `count`: of things, by the metric that counts them. */
export interface Unit {
  readonly of: 's' | 'ms' | 'By' | 'ratio' | 'percent' | 'count';
  /** the metric that the values come from */
  readonly family: string;
  /** a rate has not been divided by another one yet */
  readonly perSecond: boolean;
  /** the number by which it has been multiplied so far */
  readonly scale: number;
}

const suffixes: readonly (readonly [RegExp, Unit['of']])[] = [
  [/_seconds$/, 's'],
  [/_(?:milliseconds|millis|ms)$/, 'ms'],
  [/_bytes$/, 'By'],
  [/_ratio$/, 'ratio'],
  [/_(?:percent|percentage)$/, 'percent'],
];

const plain = { perSecond: false, scale: 1 };

/** The unit that a name says, by the naming rules of Prometheus; null: none. */
function unitOfName(name: string): Unit | null {
  const family = name.replace(/_(?:bucket|sum|count|total)$/, '');
  const counts = /_(?:bucket|count)$/.test(name);
  const said = suffixes.find(([suffix]) => suffix.test(family))?.[1];
  if (counts) return { ...plain, of: 'count', family };
  if (said !== undefined) return { ...plain, of: said, family };
  return /_total$/.test(name) ? { ...plain, of: 'count', family } : null;
}

/** What an expression measures, where its metrics' names and its arithmetic say so; null: nobody knows. */
export function unitOf(expr: Expr): Unit | null {
  const unit = scaledUnit(expr);
  return unit === null ? null : named(unit);
}

/** Seconds times 1000 are milliseconds, and a share times 100 are percent; what else is multiplied has no name. */
function named(unit: Unit): Unit | null {
  if (unit.scale === 1) return unit;
  const of = multiples[`${unit.of} ${unit.scale}`];
  return of === undefined ? null : { ...unit, of, scale: 1 };
}

const multiples: Readonly<Record<string, Unit['of']>> = {
  's 1000': 'ms',
  'ms 0.001': 's',
  'ratio 100': 'percent',
  'percent 0.01': 'ratio',
};

function scaledUnit(expr: Expr): Unit | null {
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
      return scaledUnit(expr.of);
    case 'unary':
      return null;
    case 'aggregation': {
      const of = expr.args.at(-1);
      return of === undefined || /^(?:count|group|count_values|stdvar)$/.test(expr.op) ? null : scaledUnit(of);
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
    return said === undefined || family === undefined ? null : { ...plain, of: said, family };
  }
  const of = name === 'quantile_over_time' ? last : first;
  const unit = of ? scaledUnit(of) : null;
  if (unit === null) return null;
  if (name === 'rate' || name === 'irate') return { ...unit, perSecond: true };
  if (name === 'increase' || keepsUnit.test(name)) return unit;
  return null;
}

function unitOfBinary(binary: Binary): Unit | null {
  const { op, left, right, bool } = binary;
  if (bool) return null;
  const [by, of] = [numberIn(left), numberIn(right)];
  if (op === '*' && (by !== null || of !== null)) return scaled(scaledUnit(by === null ? left : right), by ?? of ?? 1);
  if (op === '/' && of !== null) return scaled(scaledUnit(left), 1 / of);
  if (op === '-' && by !== null) return complement(scaledUnit(right), by);
  const [a, b] = [scaledUnit(left), scaledUnit(right)];
  if (op === '/') return a && b && a.perSecond === b.perSecond ? quotient(a, b) : null;
  if (op === '+' || op === '-') return a && b && a.of === b.of && a.perSecond === b.perSecond && a.scale === b.scale ? a : null;
  return op === 'or' || op === 'and' || op === 'unless' || (of !== null && /^[<>=!]/.test(op)) ? a : null;
}

/** The number that an expression is, through parentheses. */
function numberIn(expr: Expr): number | null {
  if (expr.type === 'paren') return numberIn(expr.of);
  return expr.type === 'number' ? expr.value : null;
}

const scaled = (unit: Unit | null, factor: number): Unit | null =>
  unit === null ? null : { ...unit, scale: Number((unit.scale * factor).toPrecision(6)) };

/** `1 - share` is a share, `100 - percent` are percent. */
function complement(scaledOne: Unit | null, from: number): Unit | null {
  const unit = scaledOne && named(scaledOne);
  if (unit?.of === 'ratio' && from === 1) return unit;
  return unit?.of === 'percent' && from === 100 ? unit : null;
}

function quotient(a: Unit, b: Unit): Unit | null {
  const whole = { family: a.family, perSecond: false, scale: Number((a.scale / b.scale).toPrecision(6)) };
  if (a.of === 'count' && b.of === 'count') return a.family === b.family ? { ...whole, of: 'ratio' } : null;
  if (b.of === 'count') return a.of === 'ratio' || a.of === 'percent' ? null : { ...whole, of: a.of };
  return a.of === b.of && a.of !== 'ratio' && a.of !== 'percent' ? { ...whole, of: 'ratio' } : null;
}
