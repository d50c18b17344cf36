import { isProblem, patternProblem, promqlTokens, templateRegExp } from '../../../templates/index.js';

/**
 * Why the two queries count the same series, where that can be seen: a pattern of one side matches what the other asks for,
 * as `checkout.*` matches `checkout-canary`. Null: it cannot be seen.
 */
export function overlapOf(baseline: string, canary: string): string | null {
  for (const [one, other] of differingValues(baseline, canary)) {
    if (one.isPattern && matches(one.value, plainOf(other))) return inWords('controlScope', one.value, plainOf(other));
    if (other.isPattern && matches(other.value, plainOf(one))) return inWords('experimentScope', other.value, plainOf(one));
  }
  return null;
}

interface AskedValue {
  readonly value: string;
  readonly isPattern: boolean;
}

/** Values of the same place in both queries. */
function differingValues(baseline: string, canary: string): [AskedValue, AskedValue][] {
  const [ones, others] = [valuesIn(baseline), valuesIn(canary)];
  if (ones.length !== others.length) return [];
  return ones.flatMap((one, index): [AskedValue, AskedValue][] => {
    const other = others[index];
    return other && other.value !== one.value ? [[one, other]] : [];
  });
}

function valuesIn(promql: string): AskedValue[] {
  const tokens = promqlTokens(promql);
  if (isProblem(tokens)) return [];
  return tokens.flatMap(({ kind, text }, index) => {
    const operator = tokens[index - 1]?.text ?? '';
    return kind === 'string' && /^=~?$/.test(operator)
      ? [{ value: text.slice(1, -1).replaceAll('\\\\', '\\'), isPattern: operator === '=~' }]
      : [];
  });
}

/** A name that such a pattern is likely to be meant for: `checkout-canary-.*` for `checkout-canary-x`. */
const plainOf = ({ value, isPattern }: AskedValue): string =>
  isPattern ? value.replace(/(\.[*+])|(\[[^\]]*\][*+]?)/g, 'x').replaceAll('\\', '') : value;

const matches = (pattern: string, value: string): boolean => patternProblem(pattern) === null && templateRegExp(pattern)(value);

const inWords = (side: string, pattern: string, value: string): string =>
  `the cohorts overlap: the ${side} asks for '${pattern}', which also matches '${value}' of the other side; choose scopes that exclude each other`;
