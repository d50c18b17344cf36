import { isProblem, patternProblem, promqlTokens, templateRegExp } from '../../../templates/index.js';

/**
 * Why the two queries count the same series, where that can be seen: a pattern of one side matches what the other asks for,
 * as `checkout.*` matches `checkout-canary`, and no other label of that selector tells them apart. Null: it cannot be seen.
 */
export function overlapOf(baseline: string, canary: string): string | null {
  const [ones, others] = [selectorsIn(baseline), selectorsIn(canary)];
  if (ones.length !== others.length) return null;
  for (const [index, one] of ones.entries()) {
    const found = differing(one, others[index] ?? []).map(([first, second]) => overlapOfValues(first, second));
    if (found.length > 0 && found.every((each) => each !== null)) return found[0] ?? null;
  }
  return null;
}

interface AskedValue {
  readonly value: string;
  readonly isPattern: boolean;
}

/** The positive conditions of each selector, in the order of the text. */
function selectorsIn(promql: string): AskedValue[][] {
  const tokens = promqlTokens(promql);
  if (isProblem(tokens)) return [];
  const selectors: AskedValue[][] = [];
  for (const [index, { kind, text }] of tokens.entries()) {
    const operator = tokens[index - 1]?.text ?? '';
    if (text === '{') selectors.push([]);
    else if (kind === 'string' && /^=~?$/.test(operator))
      selectors.at(-1)?.push({ value: text.slice(1, -1).replaceAll('\\\\', '\\'), isPattern: operator === '=~' });
  }
  return selectors;
}

/** Values of the same place that differ. */
const differing = (ones: readonly AskedValue[], others: readonly AskedValue[]): [AskedValue, AskedValue][] =>
  ones.flatMap((one, index): [AskedValue, AskedValue][] => {
    const other = others[index];
    return other && other.value !== one.value ? [[one, other]] : [];
  });

function overlapOfValues(one: AskedValue, other: AskedValue): string | null {
  if (one.isPattern && matches(one.value, plainOf(other))) return inWords('controlScope', one.value, plainOf(other));
  if (other.isPattern && matches(other.value, plainOf(one))) return inWords('experimentScope', other.value, plainOf(one));
  return null;
}

/** A name that such a pattern is likely to be meant for: `checkout-canary-x` for `checkout-canary-.*`. */
const plainOf = ({ value, isPattern }: AskedValue): string =>
  isPattern ? value.replace(/(\.[*+])|(\[[^\]]*\][*+]?)/g, 'x').replaceAll('\\', '') : value;

const matches = (pattern: string, value: string): boolean => patternProblem(pattern) === null && templateRegExp(pattern)(value);

const inWords = (side: string, pattern: string, value: string): string =>
  `the cohorts overlap: the ${side} asks for '${pattern}', which also matches '${value}' of the other side; choose scopes that exclude each other`;
