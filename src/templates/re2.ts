import { RE2JS } from 're2js';

const longestPattern = 256;

/** What is wrong with a regular expression of a template, or null. RE2 as in Prometheus: no look-around, no back references. */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > longestPattern) return `longer than ${longestPattern} characters`;
  try {
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '').slice(0, 120) : 'not RE2';
  }
}

/**
 * Tells whether a value matches, in time linear in its length whatever the pattern is. Anchored at both ends, as in Prometheus.
 *
 * @throws {RangeError} the pattern was never checked with {@link patternProblem}: a bug in the caller
 */
export function templateRegExp(pattern: string): (value: string) => boolean {
  const problem = patternProblem(pattern);
  if (problem !== null) throw new RangeError(`not an RE2 pattern: ${problem}`);
  const compiled = RE2JS.compile(pattern, RE2JS.DOTALL);
  return (value) => compiled.matcher(value).matches();
}

/** The pattern that matches exactly this text. */
export const quotedForPattern = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
