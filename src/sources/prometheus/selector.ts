interface LabelMatcher {
  readonly label: string;
  readonly operator: string;
  /** as written, quotes and escapes included */
  readonly quoted: string;
}

/** Series by name and labels: `name{label="value",…}`, without functions, ranges or offsets. */
export interface Selector {
  /** null: the name is not given, or not by `=` */
  readonly name: string | null;
  readonly matchers: readonly LabelMatcher[];
}

const metricName = /\s*([a-zA-Z_:][a-zA-Z0-9_:]*)?\s*/y;
const labelMatcher = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)\s*(,|(?=\}))/y;

/** @returns null: the text is not a plain selector, but some other expression */
export function parseSelector(text: string): Selector | null {
  const { found, end } = read(metricName, text, 0);
  let name = found?.[1] ?? null;
  let position = end;
  const matchers: LabelMatcher[] = [];
  if (text[position] === '{') {
    position += 1;
    for (;;) {
      const { found: part, end: after } = read(labelMatcher, text, position);
      if (!part) break;
      matchers.push({ label: part[1] ?? '', operator: part[2] ?? '', quoted: part[3] ?? '' });
      position = after;
      if (part[4] !== ',') break;
    }
    const closed = /\s*\}\s*$/y;
    closed.lastIndex = position;
    if (!closed.test(text)) return null;
    position = text.length;
  }
  if (position !== text.length || (name === null && matchers.length === 0)) return null;
  const named = matchers.find(
    ({ label, operator, quoted }) => label === '__name__' && operator === '=' && /^["'`][\w:]+["'`]$/.test(quoted),
  );
  if (name === null && named) name = named.quoted.slice(1, -1);
  return { name, matchers: matchers.filter((matcher) => matcher !== named) };
}

function read(pattern: RegExp, text: string, from: number): { found: RegExpExecArray | null; end: number } {
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return { found, end: found ? pattern.lastIndex : from };
}

/**
 * PromQL that selects the same series, narrowed by more conditions.
 *
 * @param conditions  rendered matchers, such as `version=~"a|b"`
 * @param suffixes    the metric names wanted: the selector's name followed by each of these
 */
export function renderSelector(selector: Selector, conditions: readonly string[], suffixes: readonly string[] = ['']): string {
  const { name, matchers } = selector;
  const written = matchers.map(({ label, operator, quoted }) => `${label}${operator}${quoted}`);
  const names = name === null ? [] : suffixes.map((suffix) => `${name}${suffix}`);
  if (names.length <= 1) return `${names[0] ?? ''}{${[...written, ...conditions].join(',')}}`;
  return `{${[`__name__=~"${names.join('|')}"`, ...written, ...conditions].join(',')}}`;
}

/** A value as a PromQL string; JSON's escapes are a part of PromQL's. */
export const quote = (value: string): string => JSON.stringify(value);

/** A pattern that matches exactly this value, in RE2. */
export const literal = (value: string): string => value.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
