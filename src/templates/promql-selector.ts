import type { Matcher, MatchOperator } from '../domain/index.js';
import { type PromqlToken, stringValue } from './promql-tokens.js';

/** Series as `name{label="value"}`. */
export interface PromqlSelector {
  /** null where only the braces are given */
  readonly name: string | null;
  readonly matchers: readonly Matcher[];
}

/** Reads a plain selector; null where the query is anything more, or not quite one. */
export function readSelector(tokens: readonly PromqlToken[]): PromqlSelector | null {
  const rest = [...tokens];
  const first = rest[0];
  const name = first?.kind === 'name' ? first.text : null;
  if (name !== null) rest.shift();
  if (rest.length === 0) return name === null ? null : { name, matchers: [] };
  if (rest.shift()?.text !== '{' || rest.pop()?.text !== '}') return null;
  const matchers = readMatchers(rest);
  if (matchers === null || (name === null && matchers.length === 0)) return null;
  const quotedName = matchers.find(({ attribute }) => attribute === '');
  if (quotedName === undefined) return { name, matchers };
  return name === null ? { name: quotedName.value, matchers: matchers.filter((matcher) => matcher !== quotedName) } : null;
}

/** `label="value", "quoted.label"!="value", "metric.name"`; a metric name in quotes becomes the attribute ''. */
function readMatchers(tokens: readonly PromqlToken[]): Matcher[] | null {
  const matchers: Matcher[] = [];
  for (let index = 0; index < tokens.length; ) {
    const [label, operator, value] = tokens.slice(index, index + 3);
    if (label === undefined || (label.kind !== 'name' && label.kind !== 'string')) return null;
    if (label.kind === 'string' && (operator === undefined || operator.text === ',')) {
      matchers.push({ attribute: '', operator: '=', value: stringValue(label.text) });
      index += 1;
    } else {
      const comparison = operator?.text;
      if (!isMatchOperator(comparison) || value?.kind !== 'string') return null;
      const attribute = label.kind === 'string' ? stringValue(label.text) : label.text;
      matchers.push({ attribute, operator: comparison, value: stringValue(value.text) });
      index += 3;
    }
    if (index < tokens.length && tokens[index++]?.text !== ',') return null;
  }
  return matchers;
}

const isMatchOperator = (text: string | undefined): text is MatchOperator =>
  text === '=' || text === '!=' || text === '=~' || text === '!~';
