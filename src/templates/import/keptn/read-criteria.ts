import type { Bound } from '../condition/read-condition.js';

/** A criterion against a number, or against the evaluations before. */
export type Criterion =
  | { readonly kind: 'limit'; readonly bound: Bound }
  | { readonly kind: 'margin'; readonly harm: 'increase' | 'decrease'; readonly margin: Readonly<Record<string, number>> };

/** `<600`, `<=+10%`, `>=-5%`, `<=+20`. Null: something else, such as `=100` or a canary that must be better. */
export function readCriterion(text: string): Criterion | null {
  const found = /^\s*(<=|>=|<|>)\s*([+-]?)\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text);
  if (!found) return null;
  const [, operator = '', sign = '', digits = '', percent = ''] = found;
  const value = Number(digits);
  const side = operator.startsWith('<') ? 'max' : 'min';
  if (sign === '' && percent === '') return { kind: 'limit', bound: { side, value, strict: operator.length === 1 } };
  // without a sign a percentage is one of the earlier value: "<=110%"
  const change = percent === '' ? value : sign === '' ? value - 100 : value;
  const worse = sign === '-' ? -change : change;
  const [harm, size] = side === 'max' ? (['increase', worse] as const) : (['decrease', -worse] as const);
  if (size < 0) return null; // it must be better than before
  return { kind: 'margin', harm, margin: percent === '' ? { absolute: size } : { relative: Number((size / 100).toPrecision(12)) } };
}
