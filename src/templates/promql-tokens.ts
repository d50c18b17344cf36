type PromqlTokenKind = 'name' | 'number' | 'duration' | 'string' | 'placeholder' | 'operator';

export interface PromqlToken {
  readonly kind: PromqlTokenKind;
  readonly text: string;
  readonly offset: number;
}

export interface PromqlProblem {
  readonly problem: string;
  readonly offset: number;
}

/** In this order: a duration is not a number followed by a name. All are anchored where the last one ended. */
const forms: readonly (readonly [PromqlTokenKind | 'blank', RegExp])[] = [
  ['blank', /[\s]+|#[^\n]*/y],
  ['placeholder', /\$\{[A-Za-z_][A-Za-z0-9_-]{0,62}\}/y],
  ['duration', /(?:\d+(?:ms|[smhdwy]))+(?![A-Za-z0-9_])/y],
  ['number', /(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![A-Za-z0-9_.])/y],
  ['name', /[A-Za-z_][A-Za-z0-9_:]*|:[A-Za-z_][A-Za-z0-9_:]*/y],
  ['string', /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`/y],
  ['operator', /=~|!~|==|!=|<=|>=|[-+*/%^=<>(){}[\],:@]/y],
];

/**
 * The words of a PromQL query. Enough to know where its strings and brackets are; it does not prove that the query is valid.
 *
 * @returns the problem where a character belongs to no word, or brackets do not match
 */
export function promqlTokens(query: string): PromqlToken[] | PromqlProblem {
  const tokens: PromqlToken[] = [];
  for (let offset = 0; offset < query.length; ) {
    const token = tokenAt(query, offset);
    if (token === null) return { problem: problemAt(query, offset), offset };
    if (token.kind !== 'blank') tokens.push({ kind: token.kind, text: token.text, offset });
    offset += token.text.length;
  }
  return unmatchedBracket(tokens) ?? tokens;
}

export const isProblem = (tokens: readonly PromqlToken[] | PromqlProblem): tokens is PromqlProblem => 'problem' in tokens;

/** What must not change when arguments are filled in: every word, except what stands inside quotes and the numbers put in. */
export const shapeOf = (tokens: readonly PromqlToken[]): string =>
  tokens.map(({ kind, text }) => (kind === 'name' || kind === 'operator' ? text : kind === 'string' ? 'string' : 'value')).join(' ');

/** The value of a string literal: backslashes resolved, except between backticks. */
export function stringValue(literal: string): string {
  const inside = literal.slice(1, -1);
  if (literal.startsWith('`')) return inside;
  return inside.replace(/\\(.)/g, (_, escaped: string) => ({ n: '\n', t: '\t', r: '\r' })[escaped] ?? escaped);
}

function tokenAt(query: string, offset: number): { kind: PromqlTokenKind | 'blank'; text: string } | null {
  for (const [kind, form] of forms) {
    form.lastIndex = offset;
    const text = form.exec(query)?.[0];
    if (text) return { kind, text };
  }
  return null;
}

function problemAt(query: string, offset: number): string {
  const character = query[offset] ?? '';
  if (character === '"' || character === "'" || character === '`') return `the quote ${character} is never closed`;
  return `'${query.slice(offset, offset + 12)}' is no PromQL`;
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

function unmatchedBracket(tokens: readonly PromqlToken[]): PromqlProblem | null {
  const open: PromqlToken[] = [];
  for (const token of tokens) {
    if (token.kind !== 'operator') continue;
    if (token.text in closing) open.push(token);
    else if (token.text === ')' || token.text === ']' || token.text === '}') {
      const last = open.pop();
      if (last === undefined) return { problem: `'${token.text}' closes nothing`, offset: token.offset };
      if (closing[last.text] !== token.text) return { problem: `'${last.text}' is closed by '${token.text}'`, offset: token.offset };
    }
  }
  const unclosed = open.at(-1);
  return unclosed === undefined ? null : { problem: `'${unclosed.text}' is never closed`, offset: unclosed.offset };
}
