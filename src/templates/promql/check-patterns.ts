import { patternProblem, templateRegExp } from '../re2.js';
import type { Check, Edit, Question } from './finding.js';
import { type LabelMatch, selectorsIn } from './syntax.js';

const placeholder = /\$\{[A-Za-z_][\w-]{0,62}\}|\{\{[^{}"'`\n]{1,100}\}\}/g;

interface Pattern {
  readonly match: LabelMatch;
  /** with something harmless in place of arguments */
  readonly text: string;
}

const patternsIn = ({ expr }: Question): Pattern[] =>
  selectorsIn(expr).flatMap(({ matchers }) =>
    matchers.flatMap((match) => (match.operator.endsWith('~') ? [{ match, text: match.value.replaceAll(placeholder, 'x') }] : [])),
  );

/** Prometheus refuses what is not RE2. */
export const checkPatterns: Check = (question) => {
  for (const { match, text } of patternsIn(question)) {
    const problem = patternProblem(text);
    if (problem === null) continue;
    const shown = question.written.slice(match.literal.from, match.literal.to);
    const message = `${shown.length > 60 ? `${shown.slice(0, 57)}…` : shown} is no pattern: ${problem}`;
    return {
      code: 'invalid-regex',
      severity: 'error',
      at: match.literal,
      message,
      repair: 'write an RE2 pattern of at most 256 characters',
    };
  }
  return null;
};

/** Values that no sane pattern has in common, unless it matches everything. */
const strangers = ['', 'a', '7', '-', 'zq%{}', 'checkout-5d9f', '/api/v1?x=ü'];

/** Those that let everything through are short, and count nothing: the others are not worth the time to compile them. */
const matchesAll = (text: string): boolean => {
  if (text.length > 40 || text.includes('{') || !/[*?|]/.test(text) || patternProblem(text) !== null) return false;
  const matches = templateRegExp(text);
  return strangers.every(matches);
};

/** A pattern that lets everything through selects what nobody meant, or says nothing. */
export const checkMatchEverything: Check = (question) => {
  const all = patternsIn(question).filter(({ match, text }) => !placeholderOf(match) && matchesAll(text));
  const [first] = all;
  if (first === undefined) return null;
  const { match } = first;
  if (match.operator === '!~') {
    const message = `no value of '${match.label}' is let through by ${match.label}!~"${match.value}": the query has no answer`;
    return { code: 'pattern-matches-everything', at: match, message, repair: 'name what is to be left out' };
  }
  const message = `"${match.value}" matches every '${match.label}', and series without one: the condition does nothing`;
  const edits = all.filter(({ match: each }) => each.operator === '=~').map(({ match: each }) => removal(question.written, each));
  return { code: 'pattern-matches-everything', at: match, message, repair: 'name what is meant, or remove it: {}', edits };
};

const placeholderOf = ({ value }: LabelMatch): boolean => value.search(placeholder) >= 0;

/** The condition with the comma that follows it, or the one before it. */
function removal(written: string, { from, to }: LabelMatch): Edit {
  const after = /^\s*,\s*/.exec(written.slice(to));
  if (after !== null) return { from, to: to + after[0].length, text: '' };
  const before = /,\s*$/.exec(written.slice(0, from));
  return { from: from - (before?.[0].length ?? 0), to, text: '' };
}

/** `${service}-a|b` is `${service}-a` or `b`, not `${service}-a` or `${service}-b`. */
export const checkAlternation: Check = (question) => {
  for (const { match } of patternsIn(question)) {
    const branches = topBranches(match.value);
    const mended =
      branches.length < 2
        ? null
        : (halfAnchored(branches) ?? sharedPrefix(branches) ?? (podLabel.test(match.label) ? sharedSuffix(branches) : null));
    if (mended === null || patternProblem(mended.pattern.replaceAll(placeholder, 'x')) !== null) continue;
    const message = `"${match.value}" means ${listed(branches)}, each from first to last character: ${mended.why}`;
    const written = question.written.slice(match.literal.from, match.literal.to);
    const from = match.literal.from + 1;
    const edits = written.slice(1, -1) === match.value ? { edits: [{ from, to: match.literal.to - 1, text: mended.pattern }] } : {};
    return {
      code: 'unanchored-alternation',
      at: match.literal,
      message,
      repair: `say what is meant, perhaps "${mended.pattern}"`,
      ...edits,
    };
  }
  return null;
};

const listed = (branches: readonly string[]): string => {
  const shown = branches.slice(0, 4).map((branch) => `"${branch}"`);
  return [...shown, ...(branches.length > shown.length ? ['…'] : [])].join(' or ');
};

interface Mended {
  readonly pattern: string;
  readonly why: string;
}

/** `^a|b`: who writes one anchor believes that the other side has none. */
function halfAnchored(branches: readonly string[]): Mended | null {
  const words = branches.filter((branch) => branch !== '^$'); // series without the label
  const begins = words.filter((branch) => branch.startsWith('^')).length;
  const ends = words.filter((branch) => branch.endsWith('$')).length;
  const isEven = [begins, ends].every((count) => count === 0 || count === words.length);
  if (isEven) return null;
  const pattern = branches.map((branch) => branch.replace(/^\^|\$$/g, '')).join('|');
  return { pattern, why: "'^' and '$' bind to their branch only, and all are anchored anyhow" };
}

const separator = /^(.*[-_./:])([\w$]{1,40})$/;

/** The first branch begins with an argument, and the others are single words: of any service. */
function sharedPrefix([first = '', ...others]: readonly string[]): Mended | null {
  const [, prefix, last] = separator.exec(first.replaceAll(placeholder, (text) => '\u0001'.repeat(text.length))) ?? [];
  if (!prefix?.includes('\u0001') || last === undefined || others.some((branch) => !/^\w{1,40}$/.test(branch))) return null;
  if (/[.*+?]$/.test(prefix) || /\.[*+]/.test(first)) return null;
  const written = first.slice(0, prefix.length);
  return { pattern: `${written}(?:${[first.slice(prefix.length), ...others].join('|')})`, why: `only the first begins with "${written}"` };
}

/** Pods have more in their names than a word. */
const podLabel = /(?:^|_)pod(?:_name)?$/;

/** The last branch lets any pod of a name through, and the others are words, which no pod is called. */
function sharedSuffix(branches: readonly string[]): Mended | null {
  const last = branches.at(-1) ?? '';
  const others = branches.slice(0, -1);
  const [, head, suffix] = /^(\w{1,40})(-\.[*+])$/.exec(last) ?? [];
  if (head === undefined || suffix === undefined || others.some((branch) => !/^\w{1,40}$/.test(branch))) return null;
  return { pattern: `(?:${[...others, head].join('|')})${suffix}`, why: `only the last ends with "${suffix}"` };
}

/** The alternatives that stand in no parentheses and no class. */
function topBranches(pattern: string): string[] {
  const branches = [''];
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === '\\') {
      branches[branches.length - 1] += pattern.slice(at, at + 2);
      at += 1;
      continue;
    }
    if (character === '(' || character === '[') depth += 1;
    if (character === ')' || character === ']') depth -= 1;
    if (character === '|' && depth === 0) branches.push('');
    else branches[branches.length - 1] += character;
  }
  return branches;
}
