import type { Check, Found, Question } from './finding.js';
import { normalForm } from './normal-form.js';
import { type Binary, bare, type Expr, selectorsIn } from './syntax.js';

/** Series that are read, and arithmetic that makes one number of them whatever they are. */
export const checkSameSides: Check = (question) => constantPart(question, question.expr);

const passesOn =
  /^(?:sum|avg|min|max|group|stddev|stdvar|quantile|abs|ceil|floor|round|exp|ln|sqrt|sgn|clamp|clamp_min|clamp_max|sort|sort_desc|label_replace|label_join)$/;

/** The part that makes the whole answer a constant; null: none does. */
function constantPart(question: Question, expr: Expr): Found | null {
  const part = bare(expr);
  switch (part.type) {
    case 'unary':
      return constantPart(question, part.of);
    case 'aggregation':
    case 'call': {
      const name = part.type === 'call' ? part.name : part.op;
      if (name === 'clamp' && isSameNumber(part.args)) return fixed(part, `'clamp' to one number answers that number`);
      const of = /^clamp|^round$|^label_/.test(name) ? part.args[0] : part.args.at(-1);
      return of !== undefined && passesOn.test(name) ? constantPart(question, of) : null;
    }
    case 'binary':
      return constantBinary(question, part);
    default:
      return null;
  }
}

const isSameNumber = ([, least, most]: readonly Expr[]): boolean => {
  const [a, b] = [numberIn(least), numberIn(most)];
  return a !== null && a === b;
};

function constantBinary(question: Question, binary: Binary): Found | null {
  const { op, opAt, left, right, matching } = binary;
  if (!/^(?:[-+*/%^]|or)$/.test(op)) return null;
  const isSame = /^[-/%]$/.test(op) && !matching?.join && form(question, left) === form(question, right);
  if (isSame && selectorsIn(left).length > 0) {
    const message = `both sides of '${op}' ask the same: the answer is ${op === '/' ? 1 : 0}, whatever is released`;
    const repair = op === '/' ? 'add to the upper side the condition by which it is known, such as code=~"5.."' : 'ask for what differs';
    return { code: 'same-query', severity: 'error', at: opAt, message, repair };
  }
  const [before, behind] = [numberIn(left), numberIn(right)];
  if (op === '*' && (before === 0 || behind === 0)) return fixed(opAt, "'* 0' makes nothing of every number");
  if (op === '^' && behind === 0) return fixed(opAt, "'^ 0' makes 1 of every number");
  if (op === '/' && before === 0) return fixed(opAt, "'0 / …' is nothing whatever stands below");
  if (before !== null && op !== 'or') return constantPart(question, right);
  if (behind !== null && op !== 'or') return constantPart(question, left);
  const first = constantPart(question, left);
  return first === null || constantPart(question, right) === null ? null : first;
}

const form = ({ written }: Question, expr: Expr): string => normalForm(expr, written);

const fixed = (at: Found['at'], why: string): Found => ({
  code: 'constant-query',
  severity: 'error',
  at,
  message: `${why}: the answer is the same whatever is released`,
  repair: 'remove it, and ask for the number itself',
});

function numberIn(expr: Expr | undefined): number | null {
  const inside = expr && bare(expr);
  return inside?.type === 'number' ? inside.value : null;
}
