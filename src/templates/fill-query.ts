import { argumentsIn, fill } from './placeholders.js';
import { isProblem, promqlTokens, shapeOf } from './promql-tokens.js';
import { quotedForPattern } from './re2.js';

export type FilledQuery = { readonly query: string } | { readonly argument: string; readonly problem: string };

/**
 * A PromQL query with its arguments filled in.
 *
 * Inside quotes a value is escaped for the kind of quotes, and quoted for RE2 behind `=~` and `!~`. Outside quotes only
 * numbers and durations may stand. Then the words of the query must be what they were with harmless values, or it is refused.
 */
export function fillQuery(query: string, values: Readonly<Record<string, string>>): FilledQuery {
  const tokens = promqlTokens(query);
  if (isProblem(tokens)) return { argument: '', problem: tokens.problem };
  let filled = '';
  let end = 0;
  for (const [index, { kind, text, offset }] of tokens.entries()) {
    filled += query.slice(end, offset);
    end = offset + text.length;
    const names = argumentsIn(text);
    if (kind === 'placeholder') {
      const [name = ''] = names;
      if (!isNumberOrDuration(values[name] ?? ''))
        return { argument: name, problem: `'${name}' stands outside quotes and must be a number of at least 0 or a duration` };
      filled += values[name];
    } else if (kind === 'string') {
      const before = tokens[index - 1]?.text;
      const isPattern = before === '=~' || before === '!~';
      const quote = text.charAt(0);
      const refused = quote === '`' ? names.find((name) => values[name]?.includes('`')) : undefined;
      if (refused !== undefined) return { argument: refused, problem: `'${refused}' holds a backtick, and stands between backticks` };
      filled += fill(text, (name) => escaped(isPattern ? quotedForPattern(values[name] ?? '') : (values[name] ?? ''), quote));
    } else filled += text;
  }
  filled += query.slice(end);
  return sameShape(query, filled)
    ? { query: filled }
    : { argument: argumentsIn(query)[0] ?? '', problem: 'a value would change what is asked' };
}

/** The same words in the same order, whatever stands inside quotes. */
function sameShape(query: string, filled: string): boolean {
  const before = promqlTokens(query);
  const after = promqlTokens(filled);
  if (isProblem(before) || isProblem(after)) return false;
  return shapeOf(before) === shapeOf(after);
}

const isNumberOrDuration = (value: string): boolean => /^(?:\d+\.?\d*(?:[eE][+-]?\d+)?|(?:\d+(?:ms|[smhd]))+)$/.test(value);

function escaped(value: string, quote: string): string {
  if (quote === '`') return value;
  return value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
}
