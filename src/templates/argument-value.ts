import type { ArgumentSpec } from '../domain/index.js';
import { suggestion } from './did-you-mean.js';
import { formatDuration, parseDuration } from './duration.js';
import { templateRegExp } from './re2.js';
import { printable } from './yaml-tree.js';

export const longestArgument = 1024;

export type ArgumentValue = string | number | boolean;

/** A value that fits its argument, as text; or what is wrong with it and how to mend it. */
export type CheckedArgument = { readonly text: string } | { readonly code: string; readonly message: string; readonly repair: string };

/** Checks a value against type, pattern, choice and range. Texts are taken for every type, as the command line knows nothing else. */
export function checkArgument(name: string, spec: ArgumentSpec, value: ArgumentValue): CheckedArgument {
  const text = String(value);
  if (text.length > longestArgument) {
    return { code: 'too-long', message: `'${name}' has ${text.length} characters`, repair: `use at most ${longestArgument}` };
  }
  const typed = checkType(name, spec, value, text);
  if (!('text' in typed)) return typed;
  if (spec.oneOf !== null && !spec.oneOf.includes(typed.text)) {
    const message = `'${name}' must be one of ${spec.oneOf.join(', ')}, and is '${printable(text)}'`;
    return { code: 'invalid-value', message, repair: suggestion(text, spec.oneOf) };
  }
  if (spec.pattern !== null && !templateRegExp(spec.pattern)(typed.text)) {
    const message = `'${name}' must match ${spec.pattern}, and is '${printable(text)}'`;
    return { code: 'invalid-value', message, repair: `pass a value that matches ${spec.pattern} from its first to its last character` };
  }
  return checkRange(name, spec, typed.text) ?? typed;
}

function checkType(name: string, { type }: ArgumentSpec, value: ArgumentValue, text: string): CheckedArgument {
  switch (type) {
    case 'string':
      if (!/[\p{Cc}\p{Cs}]/u.test(text)) return { text };
      return { code: 'control-character', message: `'${name}' holds a control character`, repair: 'remove it' };
    case 'number':
      return isNumber(value, text) ? { text: String(Number(text)) } : wrong(name, 'a number', text, 'pass a number, such as 0.5');
    case 'integer':
      if (isNumber(value, text) && Number.isSafeInteger(Number(text))) return { text: String(Number(text)) };
      return wrong(name, 'a whole number', text, 'pass a whole number, such as 5');
    case 'boolean':
      return text === 'true' || text === 'false' ? { text } : wrong(name, 'true or false', text, 'pass true or false');
    case 'duration':
      return parseDuration(text) === null ? wrong(name, 'a duration', text, "pass a number and its unit: '500ms', '15s', '5m'") : { text };
  }
}

function checkRange(name: string, { type, minimum, maximum }: ArgumentSpec, text: string): CheckedArgument | null {
  const value = type === 'duration' ? (parseDuration(text) ?? 0) : Number(text);
  const show = type === 'duration' ? formatDuration : String;
  if (minimum !== null && value < minimum) {
    return {
      code: 'out-of-range',
      message: `'${name}' must be at least ${show(minimum)}, and is ${text}`,
      repair: `pass ${show(minimum)} or more`,
    };
  }
  if (maximum !== null && value > maximum) {
    return {
      code: 'out-of-range',
      message: `'${name}' must be at most ${show(maximum)}, and is ${text}`,
      repair: `pass ${show(maximum)} or less`,
    };
  }
  return null;
}

const isNumber = (value: ArgumentValue, text: string): boolean =>
  typeof value !== 'boolean' && /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text));

const wrong = (name: string, wanted: string, text: string, repair: string): CheckedArgument => ({
  code: 'wrong-type',
  message: `'${name}' must be ${wanted}, and is '${printable(text)}'`,
  repair,
});
