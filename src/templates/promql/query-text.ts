import type { Span } from './syntax.js';

/** An argument inside a query, `${name}` of ours or `{{ name }}` of another tool. */
export interface QueryPlaceholder extends Span {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** A query that a parser can read: as long as it was written, and every character in its place. */
export interface QueryText {
  /** placeholders outside quotes are numbers here, or names where letters stand beside them */
  readonly text: string;
  readonly placeholders: readonly QueryPlaceholder[];
}

const placeholder = /\$\{[A-Za-z_][\w-]{0,62}\}|\{\{[^{}"'`\n]{1,100}\}\}/y;

/** Finds the arguments in a query, and puts something harmless in their place. */
export function queryText(query: string): QueryText {
  const placeholders: QueryPlaceholder[] = [];
  let text = '';
  let quote = '';
  for (let at = 0; at < query.length; ) {
    const found = placeholderAt(query, at);
    const character = query[at] ?? '';
    if (found !== null) {
      placeholders.push({ text: found, from: at, to: at + found.length, isQuoted: quote !== '' });
      text += quote === '' ? standIn(query, at, found) : found;
      at += found.length;
    } else if (quote !== '' && quote !== '`' && character === '\\') {
      text += query.slice(at, at + 2);
      at += 2;
    } else if (quote === '' && character === '#') {
      const end = query.indexOf('\n', at);
      text += query.slice(at, end < 0 ? query.length : end);
      at = end < 0 ? query.length : end;
    } else {
      if (quote === '' ? `"'\``.includes(character) : character === quote) quote = quote === '' ? character : '';
      text += character;
      at += 1;
    }
  }
  return { text, placeholders };
}

function placeholderAt(query: string, at: number): string | null {
  if (query[at] !== '$' && query[at] !== '{') return null;
  placeholder.lastIndex = at;
  return placeholder.exec(query)?.[0] ?? null;
}

/** `[${window}]` holds a number; `${metric}_total{…}` a name. */
function standIn(query: string, at: number, found: string): string {
  const before = query[at - 1] ?? '';
  const after = query[at + found.length] ?? '';
  const isName = /[\w:}]/.test(before) || /[\w:{[$]/.test(after);
  return (isName ? 'x' : '1').repeat(found.length);
}

/** Whether an argument stands in this part of the query. */
export const holdsPlaceholder = ({ placeholders }: QueryText, { from, to }: Span): boolean =>
  placeholders.some((each) => each.from < to && each.to > from);
