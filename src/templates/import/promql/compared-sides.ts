import { sideNamed } from '../../promql/cohort-labels.js';
import { normalForm } from '../../promql/normal-form.js';
import { bare, type Expr, type LabelMatch, type Selector, selectorsIn } from '../../promql/syntax.js';
import type { CohortSelector } from '../cohort-selector.js';
import type { Bound } from '../condition/read-condition.js';
import { honest } from './query-shape.js';

/** A query that compares canary and baseline by itself, as one side of it and how much worse the canary may be. */
export interface ComparedSides {
  /** what is measured of the canary */
  readonly one: Expr;
  readonly margin: 'relative' | 'absolute';
  /** a share for `relative`, in the unit of the answer for `absolute` */
  readonly accepted: number;
  readonly harm: 'increase' | 'decrease';
}

/** How the selectors of a query pick sides. */
export type SidesPicked =
  /** all of them the same one, or none */
  | 'one'
  /** some of them one side, the others none */
  | 'some'
  /** different ones */
  | 'several';

/** @param cohort  `names` says what picks a side in this tool's queries */
export function sidesPicked(expr: Expr, cohort: CohortSelector): SidesPicked {
  const selectors = selectorsIn(expr);
  const picked = selectors.map((selector) => picksOf(selector, cohort));
  const words = new Set(selectors.flatMap(({ matchers }) => matchers.flatMap(({ value }) => sideNamed(value) ?? [])));
  const labels = new Set(picked.flatMap((each) => [...each.keys()]));
  const differs = [...labels].some((label) => new Set(picked.flatMap((each) => each.get(label) ?? [])).size > 1);
  if (differs || words.size > 1 || contrasts(selectors) || hasOtherSide(selectors)) return 'several';
  const count = picked.filter(({ size }) => size > 0).length;
  return count === 0 || count === picked.length ? 'one' : 'some';
}

/** By label: which values are picked, written alike. */
function picksOf({ matchers }: Selector, { picks, names }: CohortSelector): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const matcher of matchers)
    if (picks(matcher) || names?.(matcher)) found.set(matcher.label, `${found.get(matcher.label) ?? ''}${spelled(matcher)}`);
  return found;
}

/** `=~` of a plain word is `=`. */
const spelled = ({ operator, value }: LabelMatch): string =>
  `${/^[\w${}.-]*$/.test(value) ? operator.replace('~', '').replace('==', '=') : operator}${value};`;

/** One value of a label names a side, and another one of the same label is what is compared with it: `pay-canary` and `pay`. */
function hasOtherSide(selectors: readonly Selector[]): boolean {
  const all = selectors.flatMap(({ matchers }) => matchers);
  const labels = new Set(all.filter(({ value }) => sideNamed(value) !== null).map(({ label }) => label));
  return [...labels].some((label) => new Set(all.filter((matcher) => matcher.label === label).map(spelled)).size > 1);
}

/** One pattern that lets both sides through, or conditions that leave one out in a part of the query only. */
const contrasts = (selectors: readonly Selector[]): boolean =>
  selectors.some(({ matchers }) =>
    matchers.some(
      ({ operator, value }) =>
        operator === '=~' &&
        value.split('|').some((each) => sideNamed(each) === 'canary') &&
        value.split('|').some((each) => sideNamed(each) === 'baseline'),
    ),
  );

/**
 * `canary / baseline <= 1.2`, `canary - baseline < 0.1` and `(canary - baseline) / baseline < 0.2`, where both sides ask the same.
 *
 * @returns null for everything else, since nobody can say what is meant
 */
export function comparedSides(tree: Expr, written: string, bound: Bound | null, cohort: CohortSelector): ComparedSides | null {
  if (bound === null || typeof bound.value !== 'number') return null;
  const expr = honest(tree);
  if (expr.type !== 'binary' || (expr.op !== '/' && expr.op !== '-') || expr.bool) return null;
  const [left, right] = [bare(expr.left), bare(expr.right)];
  const isSame = (a: Expr, b: Expr): boolean => normalForm(a, written, cohort.picks) === normalForm(b, written, cohort.picks);
  const isPair = (a: Expr, b: Expr): boolean => isOf(a, 'canary', cohort) && isOf(b, 'baseline', cohort) && isSame(a, b);
  const { side, value } = bound;
  const harm = side === 'max' ? 'increase' : 'decrease';
  if (isPair(left, right)) {
    const accepted = tidy(expr.op === '/' ? Math.abs(value - 1) : Math.abs(value));
    const isWorse = expr.op === '/' ? (side === 'max' ? value > 1 : value > 0 && value < 1) : side === 'max' ? value > 0 : value < 0;
    return isWorse ? { one: left, margin: expr.op === '/' ? 'relative' : 'absolute', accepted, harm } : null;
  }
  if (expr.op !== '/' || left.type !== 'binary' || left.op !== '-') return null;
  const [first, second] = [bare(left.left), bare(left.right)];
  if (!isPair(first, second) || !isOf(right, 'baseline', cohort) || !isSame(second, right)) return null;
  const isWorse = side === 'max' ? value > 0 : value < 0 && value > -1;
  return isWorse ? { one: first, margin: 'relative', accepted: tidy(Math.abs(value)), harm } : null;
}

/** Every selector of it picks this side by the label of the cohorts, and no other one. */
function isOf(expr: Expr, side: 'canary' | 'baseline', { picks, names }: CohortSelector): boolean {
  const selectors = selectorsIn(expr);
  return (
    selectors.length > 0 &&
    selectors.every(({ matchers }) => {
      const own = matchers.filter((matcher) => picks(matcher));
      const other = matchers.filter((matcher) => !picks(matcher) && names?.(matcher));
      return (
        own.length === 1 && other.length === 0 && own.every(({ operator, value }) => !operator.startsWith('!') && sideNamed(value) === side)
      );
    })
  );
}

const tidy = (value: number): number => Number(value.toPrecision(10));
