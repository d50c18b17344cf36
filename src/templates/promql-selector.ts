import type { Matcher, MatchOperator } from '../domain/index.js';
import { type PromqlToken, stringValue } from './promql-tokens.js';

/** Series as `name{label="value"}`. */
export interface PromqlSelector {
  /** null where only the braces are given */
  readonly name: string | null;
  readonly matchers: readonly Matcher[];
}

/** Reads a plain selector; null where the query is anything more, or names something in quotes, as Prometheus 3 allows. */
export function readSelector(tokens: readonly PromqlToken[]): PromqlSelector | null {
  const rest = [...tokens];
  const name = rest[0]?.kind === 'name' ? rest[0].text : null;
  if (name !== null) rest.shift();
  if (rest.length === 0) return name === null ? null : { name, matchers: [] };
  if (rest.shift()?.text !== '{' || rest.pop()?.text !== '}') return null;
  const matchers = readMatchers(rest);
  return matchers === null || (name === null && matchers.length === 0) ? null : { name, matchers };
}

/** `label="value", other!="value"`; a comma may stand at the end. */
function readMatchers(tokens: readonly PromqlToken[]): Matcher[] | null {
  const matchers: Matcher[] = [];
  for (let index = 0; index < tokens.length; index += 4) {
    const [label, operator, value, comma] = tokens.slice(index, index + 4);
    const comparison = operator?.text;
    if (label?.kind !== 'name' || !isMatchOperator(comparison) || value?.kind !== 'string') return null;
    if (comma !== undefined && comma.text !== ',') return null;
    matchers.push({ attribute: label.text, operator: comparison, value: stringValue(value.text) });
  }
  return matchers;
}

const isMatchOperator = (text: string | undefined): text is MatchOperator =>
  text === '=' || text === '!=' || text === '=~' || text === '!~';
