import { InvalidRequestError } from '../../../domain/index.js';
import { templateRegExp } from '../../../templates/index.js';

/** One condition on a label, as PromQL has it: a label that is absent is the empty text. */
export interface LabelMatcher {
  readonly label: string;
  /** excludes series that lack the label */
  readonly needsLabel: boolean;
  /** the one value it admits; null: it is no equality */
  readonly exactly: string | null;
  readonly matches: (value: string) => boolean;
}

/** What the facade can be asked: the series of one name, or a number that probes whether somebody answers. */
export type FacadeQuestion =
  | { readonly kind: 'series'; readonly name: string; readonly matchers: readonly LabelMatcher[] }
  | { readonly kind: 'vector'; readonly value: number }
  | { readonly kind: 'scalar'; readonly value: number };

/** Series that the facade has, each a gauge, with what it says. */
export const facadeSeries = {
  assay_verdict: 'Verdict of the run: 1 promote, 0 hold or not known yet, -1 rollback.',
  assay_score: 'Score of the run, 0 to 100.',
  assay_effect: 'Estimated harm of one metric, canary against baseline, positive is worse; NaN until there is one.',
  assay_ci_low: 'Lower bound of the harm of one metric, valid at every look.',
  assay_ci_high: 'Upper bound of the harm of one metric, valid at every look.',
  assay_evidence: 'E-value of one metric that it is harmful (claim="harm") or within its margin (claim="safe").',
  assay_eta_seconds: 'About how long until a verdict; NaN where that cannot be said.',
} as const;

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const vectorForm = new RegExp(String.raw`^vector\s*\(\s*(${number})\s*\)$`);

/**
 * Reads `name{label="value"}`, `vector(N)`, or `1+1`, with which Grafana tests a data source.
 *
 * @throws {InvalidRequestError} anything more: the facade calculates nothing
 */
export function readQuestion(query: string): FacadeQuestion {
  const text = query.trim();
  const [, constant] = vectorForm.exec(text) ?? [];
  if (constant !== undefined) return { kind: 'vector', value: Number(constant) };
  if (/^1\s*\+\s*1$/.test(text)) return { kind: 'scalar', value: 2 };
  const selected = readSelector(text);
  const name = selected.find(({ label }) => label === '__name__')?.exactly ?? null;
  if (name === null || !(name in facadeSeries))
    throw new InvalidRequestError(`the facade answers ${Object.keys(facadeSeries).join(', ')} and vector(N)`);
  return { kind: 'series', name, matchers: selected };
}

const nameForm = /\s*([a-zA-Z_:][a-zA-Z0-9_:]*)?\s*/y;
const matcherForm = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)\s*(,|(?=\}))/y;

/**
 * The conditions of a plain selector; its name becomes a condition on `__name__`.
 *
 * @throws {InvalidRequestError} not a plain selector, or an expression that RE2 does not know
 */
export function readSelector(text: string): LabelMatcher[] {
  nameForm.lastIndex = 0;
  const name = nameForm.exec(text)?.[1] ?? null;
  const found = name === null ? [] : [matcherOf('__name__', '=', name)];
  let at = nameForm.lastIndex;
  if (text[at] === '{') {
    matcherForm.lastIndex = at + 1;
    for (let next = matcherForm.exec(text); next; next = matcherForm.exec(text)) {
      const [, label = '', operator = '', literal = ''] = next;
      found.push(matcherOf(label, operator, textIn(literal)));
      at = matcherForm.lastIndex - 1;
      matcherForm.lastIndex = at + 1;
    }
    const closed = /\s*\}\s*/y;
    closed.lastIndex = at + 1;
    if (!closed.test(text)) throw new InvalidRequestError(onlySelectors);
    at = closed.lastIndex;
  }
  if (at !== text.length || found.length === 0) throw new InvalidRequestError(onlySelectors);
  return found;
}

const onlySelectors = 'the facade reads one selector, name{label="value"}, or vector(N): no functions, ranges or arithmetic';

function matcherOf(label: string, operator: string, value: string): LabelMatcher {
  const test = operator.endsWith('~') ? patternOf(value) : (text: string) => text === value;
  const isNegative = operator.startsWith('!');
  const matches = isNegative ? (text: string) => !test(text) : test;
  return { label, needsLabel: !matches(''), exactly: operator === '=' ? value : null, matches };
}

function patternOf(pattern: string): (text: string) => boolean {
  try {
    return templateRegExp(pattern);
  } catch (error) {
    throw new InvalidRequestError(error instanceof Error ? error.message : 'not an RE2 pattern');
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function textIn(literal: string): string {
  const inside = literal.slice(1, -1);
  return literal.startsWith('`') ? inside : inside.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
}
