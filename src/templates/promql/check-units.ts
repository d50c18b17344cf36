import type { Check, PromqlBound } from './finding.js';
import type { Expr } from './syntax.js';
import { type Unit, unitOf } from './unit-of.js';

type KnownUnit = Exclude<Unit['of'], 'count'>;

const spellings: Readonly<Record<string, KnownUnit>> = {
  s: 's',
  sec: 's',
  second: 's',
  seconds: 's',
  ms: 'ms',
  millisecond: 'ms',
  milliseconds: 'ms',
  By: 'By',
  B: 'By',
  bytes: 'By',
  ratio: 'ratio',
  percent: 'percent',
  '%': 'percent',
};

const inWords: Readonly<Record<KnownUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  By: 'bytes',
  ratio: 'shares between 0 and 1',
  percent: 'percent between 0 and 100',
};

/** A limit in milliseconds is never reached by an answer in seconds. */
export const checkUnits: Check = ({ expr, context: { bound, reads } }) => {
  const unit = bound === undefined ? null : unitOf(expr);
  if (!bound || unit === null || unit.of === 'count' || unit.perSecond) return null;
  const meant = meantUnit(unit.of, bound);
  if (meant === null || meant === unit.of) return null;
  const number = bound.value === null ? '' : ` ${bound.value}`;
  const held = bound.value === null ? `its unit is said to be ${inWords[meant]}` : `the limit${number} reads as ${inWords[meant]}`;
  const message = `the query answers in ${inWords[unit.of]}, and ${held}: ${consequence(bound)}`;
  const edits = reads === 'counter' ? null : converted(expr, unit.of, meant);
  const repair = edits === null ? `say the limit in ${inWords[unit.of]}` : `say it in ${inWords[unit.of]}, or ask {}`;
  return { code: 'unit-mismatch', at: expr, message, repair, ...(edits === null ? {} : { edits }) };
};

/** What the author takes the answer for: what he says, or what the number gives away. */
function meantUnit(unit: KnownUnit, { value, unit: said, harm }: PromqlBound): KnownUnit | null {
  if (said !== null && said !== '') return Object.hasOwn(spellings, said) ? (spellings[said] ?? null) : null;
  if (value === null || !Number.isFinite(value) || value <= 0) return null;
  if (unit === 's' && value >= 60) return 'ms';
  if (unit === 'ms' && value < 1) return 's';
  if (unit === 'ratio' && value > 1) return 'percent';
  return unit === 'percent' && value <= 1 && harm === 'decrease' ? 'ratio' : null;
}

const consequence = ({ value, harm }: PromqlBound): string => {
  if (value === null) return 'whoever reads the verdict is misled, and a margin in that unit is wrong';
  return harm === 'decrease' ? 'it is never met, or always' : 'it is never reached, whatever is released, or always';
};

const conversions: Readonly<Record<string, string>> = {
  's ms': ' * 1000',
  'ms s': ' / 1000',
  'ratio percent': ' * 100',
  'percent ratio': ' / 100',
};

function converted(expr: Expr, from: KnownUnit, to: KnownUnit): { from: number; to: number; text: string }[] | null {
  const factor = conversions[`${from} ${to}`];
  if (factor === undefined) return null;
  const needsParentheses = expr.type === 'binary' || expr.type === 'unary';
  return [
    { from: expr.from, to: expr.from, text: needsParentheses ? '(' : '' },
    { from: expr.to, to: expr.to, text: `${needsParentheses ? ')' : ''}${factor}` },
  ];
}
