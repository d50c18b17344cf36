/** Words by which templates select log records, from the least to the most severe. */
export const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

const ofWord = new Map(
  Object.entries({
    trace: 'trace verbose finest finer',
    debug: 'debug fine config',
    info: 'info information informational notice',
    warn: 'warn warning',
    error: 'error err severe',
    fatal: 'fatal critical crit alert emergency emerg panic',
  }).flatMap(([severity, words]) => words.split(' ').map((word) => [word, severity] as const)),
);

/** Longest word above, and a digit: what is longer is no severity, however long it is. */
const longestWord = 14;

/** OTLP numbers four steps to each severity. @returns '' where there is no such number */
export const severityOfNumber = (number: number): string => severities[Math.floor((number - 1) / 4)] ?? '';

/**
 * The severity that a logger wrote as text, for records without a number: names of OTLP, and those of other systems that its
 * specification maps to them. `ERROR2` is an error.
 *
 * @returns '' where it is no such word
 */
export function severityOfText(text: string): string {
  const word = text.trim().toLowerCase();
  return word.length > longestWord ? '' : (ofWord.get(word.replace(/[1-4]$/, '')) ?? '');
}
