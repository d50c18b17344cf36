import { isComparison, typeOf } from './check-types.js';
import type { Check, Found } from './finding.js';
import { type Binary, bare, type Expr, everyOf, selectorsIn } from './syntax.js';

/** A query that reads no series gives the same answer for every release. */
export const checkConstant: Check = ({ expr, written }) => {
  if (selectorsIn(expr).length > 0) return null;
  const message = `'${short(written)}' reads no series: the answer is the same whatever is released`;
  return { code: 'constant-query', severity: 'error', at: expr, message, repair: 'name the metric that is meant' };
};

/** What takes the place of missing data: it answers where nothing was measured. */
export const checkMaskedData: Check = ({ expr, context: { critical = true } }) => {
  const severity = critical ? 'error' : 'warning';
  const code = 'masked-missing-data';
  const masks = everyOf(expr, 'binary').flatMap(({ expr: binary }) => maskOf(binary) ?? []);
  const [first] = masks;
  if (first !== undefined) {
    const message = `'${first.words}' turns missing data into a number: a canary that reports nothing passes`;
    const repair = "remove it, and say with 'onNoData' what missing data means: {}";
    return { code, severity, at: first.at, message, repair, edits: masks.map(({ cut }) => ({ ...cut, text: '' })) };
  }
  const absent = everyOf(expr, 'call').find(({ expr: call }) => isAbsence(call));
  if (absent === undefined) return null;
  const message = `'${nameOf(absent.expr)}(…)' answers only while the data are missing, and says nothing once they are there`;
  return {
    code,
    severity,
    at: absent.expr,
    message,
    repair: "ask for the metric itself, and say with 'onNoData: fail' that it must be there",
  };
};

interface Mask {
  readonly words: string;
  readonly at: { readonly from: number; readonly to: number };
  readonly cut: { readonly from: number; readonly to: number };
}

function maskOf({ op, left, right, opAt, fill }: Binary): Mask | null {
  if (fill !== null) return { words: 'fill(…)', at: fill, cut: fill };
  if (op !== 'or') return null;
  if (cannotBeMissing(right))
    return { words: `or ${nameOf(right)}(…)`, at: { from: opAt.from, to: right.to }, cut: { from: left.to, to: right.to } };
  if (!cannotBeMissing(left)) return null;
  return { words: `${nameOf(left)}(…) or`, at: { from: left.from, to: opAt.to }, cut: { from: left.from, to: right.from } };
}

/** Reads no series, or stands in for series that are not there. */
function cannotBeMissing(expr: Expr): boolean {
  if (selectorsIn(expr).length === 0) return true;
  return everyOf(expr, 'call').some(({ expr: call }) => isAbsence(call));
}

const isAbsence = (expr: Expr): boolean => expr.type === 'call' && /^absent(?:_over_time)?$/.test(expr.name);

const nameOf = (expr: Expr): string => {
  const calls = everyOf(expr, 'call').map(({ expr: { name } }) => name);
  return calls.find((name) => name === 'vector' || name.startsWith('absent')) ?? calls[0] ?? 'vector';
};

/** A comparison drops the series for which it is false: harm looks like missing data. */
export const checkComparison: Check = ({ expr }) => {
  const found = answering(expr).find((each): each is Binary => each.type === 'binary' && isComparison(each) && numberBeside(each) !== null);
  if (found === undefined) return null;
  const { op, opAt, bool, left, right } = found;
  const number = numberBeside(found);
  const at = { from: opAt.from, to: typeOf(right) === 'scalar' ? right.to : opAt.to };
  const isNone = number === 0 && (op === '==' || (op === '<=' && typeOf(right) === 'scalar'));
  const value = typeOf(right) === 'scalar' ? left : right;
  const edits = bool
    ? undefined
    : [
        { from: found.from, to: value.from, text: '' },
        { from: value.to, to: found.to, text: '' },
      ];
  if (isNone) {
    const message = `'${op} 0' accepts not a single one: with enough traffic every release fails, as good as the one before it or not`;
    return {
      code: 'zero-tolerance',
      at,
      message,
      repair: "ask for the number itself, and accept a little: 'margin' or 'limit'",
      ...(edits && { edits }),
    };
  }
  if (bool) return bare(expr) === found ? yesOrNo(op, at) : null; // a sum of them counts those that are worse
  const message = `'${op} ${number ?? '…'}' drops every series for which it is false: harm looks like missing data`;
  return { code: 'comparison-hides-harm', at, message, repair: "leave the comparison to 'limit' or 'margin': {}", ...(edits && { edits }) };
};

const yesOrNo = (op: string, at: Found['at']): Found => ({
  code: 'bool-answer',
  at,
  message: `'${op} bool' answers 1 or 0: how much worse the canary is nobody sees, nor a harm that stays on one side of the number`,
  repair: "ask for the number itself, and say with 'limit' or 'margin' what is accepted",
});

/** `… and on() (hour() > 8)`: what the clock says decides whether there is data. */
export const checkHiddenByTime: Check = ({ expr, written }) => {
  const hides = ({ op, left, right }: Binary): boolean =>
    (op === 'and' || op === 'unless') && selectorsIn(left).length > 0 && selectorsIn(right).length === 0;
  const found = everyOf(expr, 'binary').filter(({ expr: binary }) => hides(binary));
  const [first] = found.map(({ expr: binary }) => binary);
  if (first === undefined) return null;
  const { op, opAt, right } = first;
  const message = `'${op} ${short(written.slice(right.from, right.to))}' reads no series: at some times there is no data whatever the canary does, and harm is not seen`;
  const edits = found.map(({ expr: binary }) => ({ from: binary.left.to, to: binary.right.to, text: '' }));
  return { code: 'time-hides-data', at: { from: opAt.from, to: right.to }, message, repair: 'remove it: {}', edits };
};

function numberBeside({ left, right }: Binary): number | null {
  const side = [bare(left), bare(right)].find(({ type }) => type === 'number');
  return side?.type === 'number' ? (side.value ?? Number.NaN) : null;
}

/** What the answer consists of: not what it is only divided by or narrowed with. */
function answering(expr: Expr): Expr[] {
  switch (expr.type) {
    case 'paren':
    case 'unary':
      return [expr, ...answering(expr.of)];
    case 'call':
      return [expr, ...expr.args.flatMap(answering)];
    case 'aggregation':
      return /^(?:count|group)$/.test(expr.op) ? [expr] : [expr, ...expr.args.flatMap(answering)];
    case 'binary':
      if (expr.op === 'and' || expr.op === 'unless' || expr.op === '/') return [expr, ...answering(expr.left)];
      return [expr, ...answering(expr.left), ...answering(expr.right)];
    default:
      return [expr];
  }
}

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
};
