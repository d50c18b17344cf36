import { type ConditionTree, parseCondition } from './parse-condition.js';

/** One side that a value must be on. */
export interface Bound {
  /** max: at most; min: at least */
  readonly side: 'max' | 'min';
  readonly value: number | { readonly argument: string };
  /** the bound itself is on the wrong side */
  readonly strict: boolean;
}

/** What a condition asks of a number. */
export interface ConditionMeaning {
  /** every one must hold */
  readonly bounds: readonly Bound[];
  /** the condition holds where there is no data */
  readonly passesWithoutData: boolean;
  /** the condition says that it does not hold where there is no data */
  readonly failsWithoutData: boolean;
}

interface Part {
  readonly bounds: readonly Bound[];
  /** what it says of missing data; null: nothing */
  readonly empty: boolean | null;
  readonly instead: number | null;
}

/** What a condition means; null where it asks something that a limit cannot say. */
export function readCondition(text: string): ConditionMeaning | null {
  const tree = parseCondition(text);
  const part = tree && meaningOf(tree);
  if (part === null || part.bounds.length === 0) return null;
  const within = part.instead === null ? null : part.bounds.every((bound) => isWithin(part.instead ?? 0, bound));
  return {
    bounds: part.bounds,
    passesWithoutData: part.empty === true || within === true,
    failsWithoutData: part.empty === false || within === false,
  };
}

function meaningOf(tree: ConditionTree): Part | null {
  if (tree.kind === 'not') return opposite(tree.of);
  const empty = emptyTest(tree);
  if (empty !== null) return { bounds: [], empty, instead: null };
  if (tree.kind !== 'binary') return null;
  if (tree.operator === '&&' || tree.operator === '||') return joined(tree.operator, meaningOf(tree.left), meaningOf(tree.right));
  return comparison(tree.operator, tree.left, tree.right) ?? comparison(mirrored[tree.operator] ?? '', tree.right, tree.left);
}

/** Two bounds joined by `or` are not one limit each, so only what is said of missing data may stand beside an `or`. */
function joined(operator: string, left: Part | null, right: Part | null): Part | null {
  if (left === null || right === null) return null;
  if (operator === '||' && left.bounds.length > 0 && right.bounds.length > 0) return null;
  const isBounded = left.bounds.length + right.bounds.length > 0;
  // a test of missing data beside a bound: any other says something of data that is there
  const beside = [left, right].filter((part) => part.bounds.length === 0);
  if (isBounded && beside.some(({ empty }) => empty !== (operator === '||'))) return null;
  const said = [left.empty, right.empty].filter((empty) => empty !== null);
  const empty = said.length === 0 ? null : operator === '||' ? said.includes(true) : !said.includes(false);
  return { bounds: [...left.bounds, ...right.bounds], empty, instead: left.instead ?? right.instead };
}

const inverse: Readonly<Record<string, string>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '==': '!=', '!=': '==' };

/** What holds where a condition does not. */
function opposite(tree: ConditionTree): Part | null {
  if (tree.kind === 'not') return meaningOf(tree.of);
  const empty = emptyTest(tree);
  if (empty !== null) return { bounds: [], empty: !empty, instead: null };
  if (tree.kind !== 'binary') return null;
  const { operator, left, right } = tree;
  if (operator === '&&' || operator === '||') return joined(operator === '&&' ? '||' : '&&', opposite(left), opposite(right));
  return meaningOf({ ...tree, operator: inverse[operator] ?? '' });
}

const sides: Readonly<Record<string, readonly Pick<Bound, 'side' | 'strict'>[]>> = {
  '<': [{ side: 'max', strict: true }],
  '<=': [{ side: 'max', strict: false }],
  '>': [{ side: 'min', strict: true }],
  '>=': [{ side: 'min', strict: false }],
  '==': [
    { side: 'max', strict: false },
    { side: 'min', strict: false },
  ],
};
const mirrored: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==' };

function comparison(operator: string, left: ConditionTree, right: ConditionTree): Part | null {
  const measured = measuredValue(left);
  const value = right.kind === 'number' ? right.value : right.kind === 'argument' ? { argument: right.name } : null;
  const found = sides[operator];
  if (measured === null || value === null || found === undefined) return null;
  // nothing that is counted is below zero
  const sought = operator === '==' && value === 0 ? found.filter(({ side }) => side === 'max') : found;
  return { bounds: sought.map((side) => ({ ...side, value })), empty: null, instead: measured.instead };
}

/** `result`, `result[0]`, one of these as a number, or with a number in its place where there is none. */
function measuredValue(tree: ConditionTree): { readonly instead: number | null } | null {
  if (isResult(tree)) return { instead: null };
  if (tree.kind !== 'call') return null;
  const [first, second] = tree.args;
  if (first === undefined) return null;
  if (['asFloat', 'asInt', 'float', 'int'].includes(tree.name) && tree.args.length === 1) return measuredValue(first);
  if (tree.name === 'default' && isResult(first) && second?.kind === 'number') return { instead: second.value };
  return null;
}

const isResult = (tree: ConditionTree): boolean =>
  (tree.kind === 'name' && tree.name === 'result') ||
  (tree.kind === 'index' && tree.of.kind === 'name' && tree.of.name === 'result' && tree.index.kind === 'number' && tree.index.value === 0);

/** Whether a test of the number of values, NaN or nil holds where there is no data; null where it is no such test. */
function emptyTest(tree: ConditionTree): boolean | null {
  if (tree.kind === 'call') return ['isNaN', 'isNil'].includes(tree.name) && tree.args.every(isResult) ? true : null;
  if (tree.kind !== 'binary') return null;
  if (isResult(tree.left) && tree.right.kind === 'name' && tree.right.name === 'nil') return equality(tree.operator, true);
  if (tree.left.kind !== 'call' || tree.left.name !== 'len' || tree.right.kind !== 'number') return null;
  if (!tree.left.args.every((arg) => arg.kind === 'name' && arg.name === 'result')) return null;
  return compared(0, tree.operator, tree.right.value);
}

const equality = (operator: string, equal: boolean): boolean | null => (operator === '==' ? equal : operator === '!=' ? !equal : null);

function compared(left: number, operator: string, right: number): boolean | null {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return equality(operator, left === right);
  }
}

function isWithin(value: number, { side, value: bound, strict }: Bound): boolean {
  if (typeof bound !== 'number') return false;
  return side === 'max' ? (strict ? value < bound : value <= bound) : strict ? value > bound : value >= bound;
}
