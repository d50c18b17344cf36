import type { ArgumentSpec } from '../domain/index.js';
import type { ArgumentUse } from './argument-use.js';
import { parseDuration } from './duration.js';
import { type Field, lastKey, type Reader } from './fields.js';
import type { Findings } from './findings.js';
import { soleArgument } from './placeholders.js';
import { inRange, number, type Range, ratio } from './readers.js';

const secondsOf: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9, min: 60, h: 3600, d: 86_400 };

/** Units in which a duration such as `500ms` can be said. */
const isTimeUnit = (unit: string): boolean => Object.hasOwn(secondsOf, unit);

/** So many seconds in a unit of time: 0.5 s are 500 ms. */
const inUnit = (seconds: number, unit: string): number => Number((seconds / (secondsOf[unit] ?? 1)).toPrecision(12));

/** A number in the unit of a metric: shares for `ratio`, durations too for units of time. */
export const quantity =
  (unit: string, range: Range): Reader<number> =>
  (field, findings) => {
    if (unit === 'ratio') return ratio(range)(field, findings);
    const { node, path } = field;
    const seconds = node.kind === 'scalar' && typeof node.value === 'string' ? parseDuration(node.text) : null;
    if (seconds === null) return number(range)(field, findings);
    if (isTimeUnit(unit)) return inRange(inUnit(seconds, unit), range, field, findings, String);
    const message = `'${lastKey(path)}' is a duration, and the metric's unit is ${unit === '' ? 'not known' : `'${unit}'`}`;
    const repair = "add 'unit: s' (or ms) to the metric, as its values are recorded, or write a plain number";
    findings.error({ code: 'unit-unknown', message, repair, path, at: node.at });
    return undefined;
  };

/** A number that the run's arguments fill in. Until then the metric carries the argument's default. */
export interface FilledNumber {
  readonly argument: string;
  readonly value: number;
}

/** Reads `${argument}` where a number is wanted; null where there is a plain value; undefined, with a finding, where it is wrong. */
export function readFilledNumber(
  field: Field,
  unit: string,
  range: Range,
  use: ArgumentUse,
  findings: Findings,
): FilledNumber | null | undefined {
  const { node, path } = field;
  if (node.kind !== 'scalar' || !node.text.includes('${')) return null;
  const argument = soleArgument(node.text);
  const spec = argument === null ? null : use.use(argument, path, node.at);
  const value = spec === null ? null : defaultNumber(spec, unit);
  if (argument !== null && spec === null) return undefined;
  if (argument !== null && value !== null) {
    const checked = inRange(value, range, field, findings, String);
    return checked === undefined ? undefined : { argument, value: checked };
  }
  findings.error({
    code: 'argument-not-allowed',
    message: `'${node.text}' cannot be filled in as a number`,
    repair: 'let one argument stand alone, give it type number or duration, and a default by which the template can be checked',
    path,
    at: node.at,
  });
  return undefined;
}

/** Value of a number argument in a metric's unit; null where it has none. */
export function argumentNumber(spec: ArgumentSpec, value: string, unit: string): number | null {
  if (spec.type === 'number' || spec.type === 'integer') return Number(value);
  const seconds = spec.type === 'duration' && isTimeUnit(unit) ? parseDuration(value) : null;
  return seconds === null ? null : inUnit(seconds, unit);
}

const defaultNumber = (spec: ArgumentSpec, unit: string): number | null =>
  spec.default === null ? null : argumentNumber(spec, spec.default, unit);
