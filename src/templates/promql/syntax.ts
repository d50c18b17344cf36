/** Where a part of a query stands: characters from the start, the end excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Why a query cannot be read, and where. */
export interface PromqlMistake extends Span {
  readonly message: string;
  readonly repair: string;
}

/** Seconds; null where an argument fills it in, or it is a sum of its own. */
export interface WrittenDuration extends Span {
  readonly seconds: number | null;
}

export interface LabelMatch extends Span {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  /** without quotes, escapes resolved */
  readonly value: string;
  /** the quoted value */
  readonly literal: Span;
}

export interface NumberLiteral extends Span {
  readonly type: 'number';
  /** null where an argument fills it in */
  readonly value: number | null;
}

export interface StringLiteral extends Span {
  readonly type: 'string';
  readonly value: string;
}

/** `name{label="value"}`. */
export interface Selector extends Span {
  readonly type: 'selector';
  readonly name: string | null;
  readonly matchers: readonly LabelMatch[];
}

/** `x[5m]`. */
export interface RangeOf extends Span {
  readonly type: 'range';
  readonly of: Expr;
  readonly range: WrittenDuration;
}

/** `x[5m:30s]`. */
export interface Subquery extends Span {
  readonly type: 'subquery';
  readonly of: Expr;
  readonly range: WrittenDuration;
}

/** `x offset 5m` and `x @ 17`. */
export interface Shifted extends Span {
  readonly type: 'shifted';
  readonly by: 'offset' | '@';
  readonly of: Expr;
  /** the word and what follows it */
  readonly shift: Span;
}

export interface Call extends Span {
  readonly type: 'call';
  readonly name: string;
  readonly args: readonly Expr[];
}

export interface Grouping extends Span {
  readonly kind: 'by' | 'without';
  readonly labels: readonly string[];
}

/** `sum by (a) (x)`; a parameter stands before the vector. */
export interface Aggregation extends Span {
  readonly type: 'aggregation';
  readonly op: string;
  readonly opEnd: number;
  readonly grouping: Grouping | null;
  readonly args: readonly Expr[];
}

/** Which series of the two sides belong together. */
export interface Matching extends Span {
  readonly kind: 'on' | 'ignoring';
  readonly labels: readonly string[];
  readonly join: 'group_left' | 'group_right' | null;
  readonly include: readonly string[];
}

export interface Binary extends Span {
  readonly type: 'binary';
  readonly op: string;
  readonly opAt: Span;
  readonly bool: boolean;
  readonly matching: Matching | null;
  /** `fill(0)`: missing series count as a number */
  readonly fill: Span | null;
  readonly left: Expr;
  readonly right: Expr;
}

export interface Wrapped extends Span {
  readonly type: 'paren' | 'unary';
  readonly of: Expr;
}

/** A query, understood. */
export type Expr = NumberLiteral | StringLiteral | Selector | RangeOf | Subquery | Shifted | Call | Aggregation | Binary | Wrapped;

/** The parts of which an expression is made, in the order of the text. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.type) {
    case 'number':
    case 'string':
    case 'selector':
      return [];
    case 'range':
    case 'subquery':
    case 'shifted':
    case 'paren':
    case 'unary':
      return [expr.of];
    case 'call':
    case 'aggregation':
      return expr.args;
    case 'binary':
      return [expr.left, expr.right];
  }
}

/** An expression with what it stands in, the nearest first. */
export interface Visited<E extends Expr = Expr> {
  readonly expr: E;
  readonly within: readonly Expr[];
}

/** A score of checks walk the same query. */
const walked = new WeakMap<Expr, readonly Visited[]>();

/** Every part of a query, itself first, in the order of the text. */
export function everyPart(expr: Expr): readonly Visited[] {
  const before = walked.get(expr);
  if (before !== undefined) return before;
  const visited: Visited[] = [];
  const visit = (part: Expr, within: readonly Expr[]): void => {
    visited.push({ expr: part, within });
    const parts = partsOf(part);
    if (parts.length === 0) return;
    const inside = [part, ...within];
    for (const each of parts) visit(each, inside);
  };
  visit(expr, []);
  walked.set(expr, visited);
  return visited;
}

/** Every part of one type. */
export function everyOf<T extends Expr['type']>(expr: Expr, type: T): Visited<Extract<Expr, { type: T }>>[] {
  return everyPart(expr).filter((visited): visited is Visited<Extract<Expr, { type: T }>> => visited.expr.type === type);
}

export const selectorsIn = (expr: Expr): Selector[] => everyOf(expr, 'selector').map(({ expr: selector }) => selector);

/** Without the parentheses around it. */
export function bare(expr: Expr): Expr {
  let inside = expr;
  while (inside.type === 'paren' && inside.of) inside = inside.of;
  return inside;
}
