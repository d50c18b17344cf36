import { isSetOperation, typeOf } from './check-types.js';
import { type Aggregation, type Binary, type Call, type Expr, everyOf } from './syntax.js';

/** Aggregations that pick whole series instead of adding them up. */
export const picksSeries = (op: string): boolean => ['topk', 'bottomk', 'limitk', 'limit_ratio'].includes(op);

/** Whether the series of an answer may carry this label, if those that it is made of do. */
export function mayCarry(expr: Expr, label: string): boolean {
  switch (expr.type) {
    case 'number':
    case 'string':
      return false;
    case 'selector':
      return !expr.matchers.some((match) => match.label === label && match.operator === '=' && match.value === '');
    case 'range':
    case 'subquery':
    case 'shifted':
    case 'paren':
    case 'unary':
      return mayCarry(expr.of, label);
    case 'call':
      return callKeeps(expr, label);
    case 'aggregation':
      return aggregationKeeps(expr, label);
    case 'binary':
      return binaryKeeps(expr, label);
  }
}

function callKeeps(call: Call, label: string): boolean {
  if (call.name === 'vector' || typeOf(call) === 'scalar') return false;
  const written = call.args[1];
  if ((call.name === 'label_replace' || call.name === 'label_join') && written?.type === 'string' && written.value === label) return true;
  if (call.name === 'absent' || call.name === 'absent_over_time')
    return call.args.some((each) => everyOf(each, 'selector').some(({ expr }) => expr.matchers.some((match) => match.label === label)));
  if (call.name === 'histogram_quantile' && label === 'le') return false;
  return call.args.some((each) => mayCarry(each, label));
}

export function aggregationKeeps({ op, grouping, args }: Aggregation, label: string): boolean {
  const of = args.at(-1);
  if (of === undefined) return false;
  if (picksSeries(op)) return mayCarry(of, label);
  const [named] = args;
  if (op === 'count_values' && named?.type === 'string' && named.value === label) return true;
  if (grouping === null) return false;
  return grouping.labels.includes(label) === (grouping.kind === 'by') && mayCarry(of, label);
}

function binaryKeeps(binary: Binary, label: string): boolean {
  const { left, right, matching, op } = binary;
  if (typeOf(left) === 'scalar') return mayCarry(right, label);
  if (typeOf(right) === 'scalar') return mayCarry(left, label);
  if (op === 'or') return mayCarry(left, label) || mayCarry(right, label);
  if (isSetOperation(binary)) return mayCarry(left, label);
  if (matching?.join === 'group_left') return mayCarry(left, label) || matching.include.includes(label);
  if (matching?.join === 'group_right') return mayCarry(right, label) || matching.include.includes(label);
  if (matching !== null && matching.labels.includes(label) !== (matching.kind === 'on')) return false;
  return mayCarry(left, label) && mayCarry(right, label);
}

/** A label that nobody names: an answer that carries it has not been added up. */
const anyOther = '\u0000';

/** Whether the answer has a series for every series that it reads. */
export const isPerSeries = (expr: Expr): boolean => mayCarry(expr, anyOther);
