import { bare, type Expr, type LabelMatch } from '../../promql/syntax.js';

export interface Series {
  readonly name: string;
  readonly matchers: readonly LabelMatch[];
}

/** What a query measures, where the importer recognises it. */
export type Quantity =
  | { readonly kind: 'share'; readonly events: Series; readonly of: Series }
  | { readonly kind: 'quantile'; readonly at: number; readonly of: Series }
  | { readonly kind: 'per-second'; readonly events: Series }
  | { readonly kind: 'level'; readonly of: Series };

/** The answer is `scale · quantity`, or `scale · (1 − quantity)` where it is the rest. */
export interface QueryShape {
  readonly quantity: Quantity;
  readonly scale: number;
  readonly isRest: boolean;
}

/**
 * Recognises shares of counters, percentiles of histograms, events per second and plain levels, with their factors.
 *
 * Numbers that stand in for missing data (`or vector(0)`, `clamp_min`, `> 0`) are passed over: a template says `onNoData`.
 *
 * @param cohortLabel  a grouping by this label alone changes nothing
 * @returns null for any other query
 */
export function shapeOf(tree: Expr, cohortLabel: string): QueryShape | null {
  const shape = find(honest(tree), cohortLabel);
  return shape && Number.isFinite(shape.scale) && shape.scale > 0 ? shape : null;
}

function find(tree: Expr, label: string): QueryShape | null {
  const whole = quantityOf(tree, label);
  if (whole !== null) return whole;
  if (tree.type !== 'binary' || tree.matching) return null;
  const [left, right] = [honest(tree.left), honest(tree.right)];
  const [before, behind] = [numberIn(left), numberIn(right)];
  if (tree.op === '*' && behind !== null) return scaled(find(left, label), behind);
  if (tree.op === '*' && before !== null) return scaled(find(right, label), before);
  if (tree.op === '/' && behind !== null) return scaled(find(left, label), 1 / behind);
  if (tree.op === '-' && before !== null) return restOf(find(right, label), before);
  // 100 * a / b is ((100 * a) / b)
  if (tree.op !== '/' || left.type !== 'binary' || left.op !== '*' || left.matching) return null;
  const [first, second] = [honest(left.left), honest(left.right)];
  const [factor, after] = [numberIn(first), numberIn(second)];
  if (factor !== null) return scaled(shareOf(second, right, label), factor);
  return after === null ? null : scaled(shareOf(first, right, label), after);
}

const numberIn = (tree: Expr): number | null => (tree.type === 'number' ? tree.value : null);

const scaled = (shape: QueryShape | null, factor: number): QueryShape | null => shape && { ...shape, scale: tidy(shape.scale * factor) };

/** 100 − 100 · share: only where the two are the same whole. */
function restOf(shape: QueryShape | null, whole: number): QueryShape | null {
  return shape?.quantity.kind === 'share' && Math.abs(shape.scale - whole) < 1e-9 ? { ...shape, isRest: !shape.isRest } : null;
}

function quantityOf(tree: Expr, label: string): QueryShape | null {
  const shape = (quantity: Quantity, scale = 1): QueryShape => ({ quantity, scale, isRest: false });
  const level = seriesOf(tree);
  if (level !== null) return shape({ kind: 'level', of: level });
  if (tree.type === 'binary' && tree.op === '/' && !tree.matching) return shareOf(honest(tree.left), honest(tree.right), label);
  if (tree.type === 'call' && tree.name === 'histogram_quantile') return quantileOf(tree.args, label);
  const counted = countOf(tree, label);
  return counted && shape({ kind: 'per-second', events: counted.series }, counted.perSecond);
}

function shareOf(left: Expr, right: Expr, label: string): QueryShape | null {
  const [events, of] = [countOf(left, label), countOf(right, label)];
  if (!events || !of || Math.abs(events.perSecond - of.perSecond) > 1e-9) return null;
  return { quantity: { kind: 'share', events: events.series, of: of.series }, scale: 1, isRest: false };
}

function quantileOf([first, of]: readonly Expr[], label: string): QueryShape | null {
  const at = first && numberIn(bare(first));
  if (typeof at !== 'number' || !(at > 0 && at < 1) || of === undefined) return null;
  const counted = countOf(honest(of), label, 'le');
  return counted && { quantity: { kind: 'quantile', at, of: counted.series }, scale: 1, isRest: false };
}

interface Counted {
  readonly series: Series;
  /** how many times the rate per second it is: `increase` over 5 minutes is 300 */
  readonly perSecond: number;
}

/** The counter whose growth an expression sums over all its series. */
function countOf(tree: Expr, label: string, also?: string): Counted | null {
  const inside = honest(tree);
  if (inside.type === 'call' && inside.name === 'clamp_min') return inside.args[0] ? countOf(inside.args[0], label, also) : null;
  if (inside.type === 'aggregation') {
    const { grouping, op, args } = inside;
    const isAll = grouping === null || (grouping.kind === 'by' && grouping.labels.every((each) => each === label || each === also));
    return op === 'sum' && isAll && args[0] ? countOf(args[0], label, also) : null;
  }
  if (inside.type !== 'call' || !['rate', 'irate', 'increase'].includes(inside.name)) return null;
  const [over] = inside.args;
  const series = over?.type === 'range' ? seriesOf(over.of) : null;
  if (over?.type !== 'range' || series === null) return null;
  const perSecond = inside.name === 'increase' ? over.range.seconds : 1;
  return perSecond === null ? null : { series, perSecond };
}

function seriesOf(expr: Expr): Series | null {
  const inside = bare(expr);
  const isPlain = inside.type === 'selector' && inside.matchers.every((each) => each.label !== '__name__');
  return isPlain && inside.name !== null ? { name: inside.name, matchers: inside.matchers } : null;
}

/** Without parentheses and the number that stands in for missing data. */
export function honest(expr: Expr): Expr {
  const tree = bare(expr);
  if (tree.type !== 'binary') return tree;
  const [isFallback, right] = [tree.op === 'or' && isConstant(tree.right), bare(tree.right)];
  const isFilter = ['>', '>=', '!='].includes(tree.op) && !tree.bool && right.type === 'number' && right.value === 0;
  return isFallback || isFilter ? honest(tree.left) : tree;
}

/** `vector(0)` and numbers. */
export function isConstant(expr: Expr): boolean {
  const tree = bare(expr);
  return (tree.type === 'number' && tree.value !== null) || (tree.type === 'call' && tree.name === 'vector' && tree.args.every(isConstant));
}

const tidy = (value: number): number => Number(value.toPrecision(12));
