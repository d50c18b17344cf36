import type { Issue } from '../../domain/index.js';
import type { ChannelOptions } from '../channel.js';

/** What is wrong with an option; null: nothing. It is a sentence with the repair. */
export type OptionRule = (value: unknown) => string | null;

/** Options checked one by one; those that no rule knows are named, those that are left out are fine unless `required`. */
export function issuesOfOptions(
  options: ChannelOptions,
  rules: Readonly<Record<string, OptionRule>>,
  required: readonly string[] = [],
): Issue[] {
  const missing = required.filter((name) => options[name] === undefined).map((name) => optionIssue('option-missing', name, 'is missing'));
  const given = Object.entries(options).flatMap(([name, value]) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) return [optionIssue('unknown-option', name, `is not known here: use ${Object.keys(rules).join(', ')}`)];
    const wrong = rule(value);
    return wrong === null ? [] : [optionIssue('bad-option', name, wrong)];
  });
  return [...missing, ...given];
}

export const oneOf =
  (...values: readonly string[]): OptionRule =>
  (value) =>
    typeof value === 'string' && values.includes(value) ? null : `must be one of ${values.join(', ')}`;

export const textUpTo =
  (letters: number): OptionRule =>
  (value) =>
    typeof value === 'string' && value !== '' && value.length <= letters && !/\p{Cc}/u.test(value)
      ? null
      : `must be a text of 1 to ${letters} letters on one line`;

const optionIssue = (code: string, name: string, wrong: string): Issue => ({
  code,
  severity: 'error',
  message: `option ${name} ${wrong}`,
  repair: 'see docs/channels.md',
  path: `options.${name}`,
  line: 0,
  column: 0,
});
