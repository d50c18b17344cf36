import { patternProblem, templateRegExp } from '../re2.js';
import type { Check, Edit } from './finding.js';
import { type LabelMatch, type Selector, selectorsIn } from './syntax.js';

const placeholder = /\$\{[A-Za-z_][\w-]{0,62}\}|\{\{[^{}"'`\n]{1,100}\}\}/g;

/** Paths and routes hold dots, bars and brackets themselves. */
const anyText = /path|uri|url|route|handler|endpoint|resource|query|statement|pattern|expr|reason|message|error|exception|__name__/i;
const statusLabel = /(?:^|_)(?:code|status|status_code|http_status|response_code)$/;

/** Signs that somebody wrote a pattern, and none that a name has. */
const patternSigns = /\.[*+]|\[[^\]]+\][*+]?|\\\\?[dw]|\([^)]*\|[^)]*\)|^\^|\$$/;

const looksLikePattern = (label: string, value: string): boolean => {
  const text = value.replaceAll(placeholder, 'x');
  if (statusLabel.test(label) && /^[1-5](?:\.\.|\.\*|\.\+|\[)|\|/.test(text)) return true;
  return !anyText.test(label) && (patternSigns.test(text) || /^[\w-]+(?:\|[\w-]+)+$/.test(text));
};

/** `code="5.."` is a code that is called "5..", which there is none of. */
export const checkPatternBehindEquals: Check = ({ expr, written }) => {
  const found = matchersIn(selectorsIn(expr)).filter(
    ({ label, operator, value }) =>
      !operator.endsWith('~') && looksLikePattern(label, value) && patternProblem(value.replaceAll(placeholder, 'x')) === null,
  );
  const [first] = found;
  if (first === undefined) return null;
  const { label, operator, value } = first;
  const consequence =
    operator === '='
      ? `no series has a '${label}' of that name: nothing is ever counted`
      : `every series has another '${label}': nothing is left out`;
  const edits = found.flatMap((match): Edit[] => {
    const at = written.indexOf(match.operator, match.from + match.label.length);
    return at < 0 || at > match.literal.from
      ? []
      : [{ from: at, to: at + match.operator.length, text: match.operator === '=' ? '=~' : '!~' }];
  });
  return {
    code: 'pattern-behind-equals',
    severity: statusLabel.test(label) ? 'error' : 'warning',
    at: first,
    message: `"${value}" is a pattern, and '${operator}' compares letter by letter; ${consequence}`,
    repair: `write ${operator === '=' ? '=~' : '!~'}: {}`,
    edits,
  };
};

/** No value fulfils both conditions. */
export const checkContradiction: Check = ({ expr }) => {
  for (const { matchers } of selectorsIn(expr)) {
    for (const [index, one] of matchers.entries()) {
      const other = matchers.slice(index + 1).find((each) => areDisjoint(one, each));
      if (other === undefined) continue;
      const message = `no series has both ${inWords(one)} and ${inWords(other)}: there is never anything to count`;
      return {
        code: 'contradictory-conditions',
        severity: 'error',
        at: other,
        message,
        repair: 'remove one of them, or list both values: =~"a|b"',
      };
    }
  }
  return null;
};

const inWords = ({ label, operator, value }: LabelMatch): string => `${label}${operator}"${value}"`;

/** Whether two conditions on one label exclude each other for certain. */
export function areDisjoint(one: LabelMatch, other: LabelMatch): boolean {
  if (one.label !== other.label || one.label === '__name__') return false;
  const [plain, second] = one.operator === '=' ? [one, other] : [other, one];
  if (plain.operator !== '=' || [one, other].some(({ value }) => value.search(placeholder) >= 0)) return false;
  switch (second.operator) {
    case '=':
      return second.value !== plain.value;
    case '!=':
      return second.value === plain.value;
    case '=~':
    case '!~':
      return isTestable(second.value) && templateRegExp(second.value)(plain.value) === (second.operator === '!~');
  }
}

/** Long ones are not worth the time to compile them. */
const isTestable = (pattern: string): boolean => pattern.length <= 60 && !pattern.includes('{') && patternProblem(pattern) === null;

/** A bar with nothing behind it lets series without the label through. */
export const checkEmptyAlternative: Check = ({ expr, written }) => {
  const found = matchersIn(selectorsIn(expr)).filter(({ operator, value }) => operator === '=~' && /^\|[^|]|[^|\\]\|$/.test(value));
  const [first] = found;
  if (first === undefined) return null;
  const edits = found.flatMap(({ literal, value }): Edit[] => {
    const text = written.slice(literal.from + 1, literal.to - 1);
    return text === value ? [{ from: literal.from + 1, to: literal.to - 1, text: text.replace(/^\||\|$/g, '') }] : [];
  });
  return {
    code: 'empty-alternative',
    at: first.literal,
    message: `"${first.value}" has an alternative of nothing: series without the label '${first.label}' are read, too`,
    repair: 'remove the bar: {}',
    otherwise: 'remove the bar; if series without the label are meant, say ^$',
    ...(edits.length === found.length ? { edits } : {}),
  };
};

const matchersIn = (selectors: readonly Selector[]): readonly LabelMatch[] => selectors.flatMap(({ matchers }) => matchers);
