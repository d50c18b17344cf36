import { suggestion } from './did-you-mean.js';
import { formatDuration, parseDuration } from './duration.js';
import { type Field, lastKey, type Reader, wrongType } from './fields.js';
import type { Findings } from './findings.js';
import { kindOf, printable } from './yaml-tree.js';

/** A text of at most `longest` characters; numbers and booleans are taken as they are written. */
export const text =
  (longest: number): Reader<string> =>
  (field, findings) => {
    const { node, path } = field;
    if (node.kind !== 'scalar' || node.value === null) {
      wrongType(field, findings, 'a text', 'write one value');
      return undefined;
    }
    if (node.text.length <= longest) return node.text;
    const message = `'${lastKey(path)}' has ${node.text.length} characters; at most ${longest} are read`;
    findings.error({ code: 'too-long', message, repair: 'shorten it', path, at: node.at });
    return undefined;
  };

/** A name: a text of a certain form. */
export const named =
  (pattern: RegExp, rule: string): Reader<string> =>
  (field, findings) => {
    const value = text(253)(field, findings);
    if (value === undefined || (pattern.test(value) && !isReserved(value))) return value;
    const message = `'${printable(value)}' is no ${rule}`;
    findings.error({ code: 'invalid-name', message, repair: nameRepair(value, pattern), path: field.path, at: field.node.at });
    return undefined;
  };

/** The name of an attribute (OTLP) or label (Prometheus). */
export const attributeName = named(/^[A-Za-z_][A-Za-z0-9_./-]{0,254}$/, 'name of an attribute or label');

/** Names that every JavaScript object has: they would be found where nobody wrote them. */
export const isReserved = (name: string): boolean => name in Object.prototype;

/** One of a few words. */
export const oneOf =
  <T extends string>(words: readonly T[]): Reader<T> =>
  (field, findings) => {
    const { node, path } = field;
    const value = node.kind === 'scalar' ? words.find((word) => word === node.text) : undefined;
    if (value !== undefined) return value;
    const message = `'${lastKey(path)}' must be ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}, and is ${kindOf(node)}`;
    const repair =
      node.kind === 'scalar' && words.length > 1
        ? suggestion(node.text, words)
        : `write ${words.length > 1 ? 'one of: ' : ''}${words.join(', ')}`;
    findings.error({ code: 'invalid-value', message, repair, path, at: node.at });
    return undefined;
  };

export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** the bound itself is not allowed */
  readonly above?: number;
  readonly below?: number;
}

/** A finite number in a range. */
export const number =
  (range: Range = {}): Reader<number> =>
  (field, findings) => {
    const value = finiteNumber(field, findings);
    return value === undefined ? undefined : inRange(value, range, field, findings, String);
  };

export const integer =
  (range: Range = {}): Reader<number> =>
  (field, findings) => {
    const value = finiteNumber(field, findings);
    if (value === undefined) return undefined;
    if (Number.isSafeInteger(value)) return inRange(value, range, field, findings, String);
    wrongType(field, findings, 'a whole number', `write ${Math.round(value)}`);
    return undefined;
  };

/** A share between 0 and 1: `1%` is refused with the number to write. */
export const ratio =
  (range: Range): Reader<number> =>
  (field, findings) => {
    const { node, path } = field;
    const percent = node.kind === 'scalar' ? /^\s*(-?\d+(?:\.\d+)?)\s*%\s*$/.exec(node.text) : null;
    if (percent === null) return number(range)(field, findings);
    const written = Number((Number(percent[1]) / 100).toPrecision(12));
    const message = `'${lastKey(path)}' is a share between 0 and 1, and is written in percent`;
    findings.error({ code: 'percent-for-ratio', message, repair: `write ${written}`, path, at: node.at });
    return undefined;
  };

/** A duration in seconds, from `15s`, `5m`, `1h30m`. */
export const duration =
  (range: Range = {}): Reader<number> =>
  (field, findings) => {
    const { node, path } = field;
    if (refusesArgument(field, findings)) return undefined;
    if (node.kind === 'scalar') {
      const seconds = node.value === 0 ? 0 : parseDuration(node.text);
      if (seconds !== null) return inRange(seconds, range, field, findings, formatDuration);
    }
    const plain = node.kind === 'scalar' && typeof node.value === 'number' && node.value > 0 && Number.isFinite(node.value);
    findings.error({
      code: 'invalid-duration',
      message: `'${lastKey(path)}' must be a duration, and is ${kindOf(node)}`,
      repair: plain
        ? `say the unit: ${node.text}s if seconds are meant`
        : "write a number and its unit: '500ms', '15s', '5m', '1h' or '1d'",
      path,
      at: node.at,
    });
    return undefined;
  };

export const boolean: Reader<boolean> = (field, findings) => {
  if (field.node.kind === 'scalar' && typeof field.node.value === 'boolean') return field.node.value;
  wrongType(field, findings, 'true or false', 'write true or false, without quotes');
  return undefined;
};

/** The value, or undefined with a finding where it is outside. */
export function inRange(
  value: number,
  { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity }: Range,
  { node, path }: Field,
  findings: Findings,
  show: (value: number) => string,
): number | undefined {
  if (value >= min && value <= max && (above === -Infinity || value > above) && (below === Infinity || value < below)) return value;
  const low = above > min ? `above ${show(above)}` : min > -Infinity ? `at least ${show(min)}` : '';
  const high = below < max ? `below ${show(below)}` : max < Infinity ? `at most ${show(max)}` : '';
  const allowed = [low, high].filter(Boolean).join(' and ');
  const message = `'${lastKey(path)}' must be ${allowed}, and is ${show(value)}`;
  findings.error({ code: 'out-of-range', message, repair: `choose a value ${allowed}`, path, at: node.at });
  return undefined;
}

function finiteNumber(field: Field, findings: Findings): number | undefined {
  const { node, path } = field;
  const value = node.kind === 'scalar' ? node.value : null;
  if (refusesArgument(field, findings)) return undefined;
  if (typeof value !== 'number') {
    const quoted = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
    wrongType(field, findings, 'a number', quoted ? `remove the quotes: ${Number(value)}` : 'write a number, such as 0.01 or 300');
    return undefined;
  }
  if (Number.isFinite(value)) return value;
  const message = `'${lastKey(path)}' must be a finite number, and is ${kindOf(node)}`;
  findings.error({ code: 'not-finite', message, repair: 'write a number', path, at: node.at });
  return undefined;
}

/** Most numbers are fixed in the text: its hash says how a run was judged. */
function refusesArgument({ node, path }: Field, findings: Findings): boolean {
  if (node.kind !== 'scalar' || !node.text.includes('${')) return false;
  const message = `an argument cannot fill in '${lastKey(path)}'`;
  const repair = 'write the value; arguments may stand in matchers, queries, titles, limits and margins';
  findings.error({ code: 'argument-not-allowed', message, repair, path, at: node.at });
  return true;
}

/** The same name in a form that is allowed, where there is one. */
function nameRepair(value: string, pattern: RegExp): string {
  const mended = value
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return pattern.test(mended) && !isReserved(mended) ? `write '${mended}'` : "use lower-case letters, digits and '-'";
}
