/** What people mean who write this where PromQL knows nothing of the kind. */
const ofCharacters: readonly (readonly [RegExp, string])[] = [
  [/^&/, "write 'and'"],
  [/^\|/, "write 'or'"],
  [/^!/, "write 'unless', or '!=' for a comparison"],
  [/^[\u201c\u201d\u201e]/, 'use straight quotes: "'],
  [/^[\u2018\u2019]/, "use straight quotes: '"],
  [/^\d+(?:mins?|minutes?)\b/, 'minutes are written m: 5m'],
  [/^\d+(?:secs?|seconds?)\b/, 'seconds are written s: 30s'],
  [/^\d+(?:hrs?|hours?)\b/, 'hours are written h: 1h'],
  [/^\d+days?\b/, 'days are written d: 1d'],
  [/^\$/, "an argument is written '${name}'"],
  [/^~/, "write '=~'"],
  [/^\./, "names have '_' where attributes have dots"],
  [/^\\/, 'a backslash may stand in quotes only'],
];

/** How to mend a character that belongs to no word. */
export const slipOfCharacter = (text: string): string | null => ofCharacters.find(([form]) => form.test(text))?.[1] ?? null;

const opensLabels = /\b(?:by|without|on|ignoring|group_left|group_right)\s*$/i;

/** How to mend a word at a place where it does not belong; null: nothing that people do often. */
export function slipOfWord(before: string, word: string): string | null {
  if (word === '=') return before.endsWith('=') ? "one '=' is enough between a label and its value" : "write '==' to compare";
  if (word === '==') return "one '=' is enough between a label and its value";
  if (/^\d+(?:ms|[smhdwy])$/.test(word) && /[\w}]\s*$/.test(before)) return `put the range in brackets: [${word}]`;
  if (/^\w+$/.test(word) && opensLabels.test(before)) return `put labels in parentheses: (${word})`;
  return null;
}

const labelList = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*$/i;

/** Whether labels are named here, and no metrics. */
export const isAmongLabels = (before: string): boolean => before.lastIndexOf('{') > before.lastIndexOf('}') || labelList.test(before);
