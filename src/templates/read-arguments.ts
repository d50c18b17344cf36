import type { ArgumentSpec } from '../domain/index.js';
import { checkArgument, longestArgument } from './argument-value.js';
import { asFields, asList, type Field, type Fields, type Reader } from './fields.js';
import type { Findings } from './findings.js';
import { patternProblem } from './re2.js';
import { boolean, duration, isReserved, number, oneOf, text } from './readers.js';
import { pathOf, printable, type YamlMap } from './yaml-tree.js';

const mostArguments = 32;
const types: readonly ArgumentSpec['type'][] = ['string', 'number', 'integer', 'boolean', 'duration'];

/** The typed values that a run passes, by name. */
export const readArguments: Reader<Record<string, ArgumentSpec>> = (field, findings) => {
  if (asFields(field, findings) === undefined) return undefined;
  const map = field.node as YamlMap;
  if (map.entries.size > mostArguments) {
    const message = `there are ${map.entries.size} arguments; at most ${mostArguments} are read`;
    findings.error({ code: 'too-many-arguments', message, repair: 'split the template', path: field.path, at: field.keyAt });
  }
  const specs = [...map.entries.values()].map(({ key, keyAt, value }): [string, ArgumentSpec] => {
    const argument: Field = { node: value, path: pathOf(field.path, key), keyAt };
    if (/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/.test(key) && !isReserved(key)) return [key, readArgument(key, argument, findings)];
    const repair = "begin with a letter, and use letters, digits, '-' and '_' only";
    findings.error({
      code: 'invalid-name',
      message: `'${printable(key)}' is no name for an argument`,
      repair,
      path: argument.path,
      at: keyAt,
    });
    return [key, anyString];
  });
  return Object.fromEntries(specs);
};

const anyString: ArgumentSpec = {
  type: 'string',
  required: true,
  default: null,
  pattern: null,
  oneOf: null,
  minimum: null,
  maximum: null,
  description: null,
};

function readArgument(name: string, field: Field, findings: Findings): ArgumentSpec {
  if (field.node.kind === 'scalar' && field.node.value === null) return anyString;
  const fields = asFields(field, findings);
  if (fields === undefined) return anyString;
  const type = fields.optional('type', oneOf(types), 'string');
  const isDefaultGiven = fields.has('default');
  const required = fields.optional('required', boolean, !isDefaultGiven);
  const fallback = fields.take('default');
  const spec: ArgumentSpec = {
    type,
    required,
    default: fallback && (text(longestArgument)(fallback, findings) ?? null),
    pattern: readPattern(fields, type),
    oneOf: readChoice(fields),
    minimum: readBound(fields, 'min', type),
    maximum: readBound(fields, 'max', type),
    description: fields.optional('description', text(500), null),
  };
  fields.done();
  checkDefault(name, spec, fallback, field, findings);
  return spec;
}

/** An argument that may be left out needs a default that fits; one that must be given needs none. */
function checkDefault(name: string, spec: ArgumentSpec, fallback: Field | null, { path, keyAt }: Field, findings: Findings): void {
  if (spec.minimum !== null && spec.maximum !== null && spec.minimum > spec.maximum) {
    const message = `'${name}' has a 'min' above its 'max': no value fits`;
    findings.error({ code: 'out-of-range', message, repair: 'exchange the two', path, at: keyAt });
    return;
  }
  if (fallback === null) {
    if (spec.required) return;
    const repair = "add 'default: …', or remove 'required: false'";
    const message = `'${name}' may be left out, and has no default`;
    findings.error({ code: 'missing-default', message, repair, path, at: keyAt });
    return;
  }
  if (spec.required) {
    const message = `'${name}' must be given, so its default is never used`;
    const repair = "remove 'required: true', or the default";
    findings.warning({ code: 'unused-default', message, repair, path: fallback.path, at: fallback.keyAt });
  }
  if (spec.default === null) return;
  const checked = checkArgument(name, spec, spec.default);
  if ('text' in checked) return;
  const message = `the default does not fit: ${checked.message}`;
  findings.error({
    code: 'invalid-default',
    message,
    repair: checked.repair.replace(/^pass/, 'write'),
    path: fallback.path,
    at: fallback.node.at,
  });
}

function readPattern(fields: Fields, type: ArgumentSpec['type']): string | null {
  const field = fields.take('pattern');
  if (field === null) return null;
  const pattern = text(1024)(field, fields.findings);
  if (pattern === undefined) return null;
  const { path, node } = field;
  if (type !== 'string') {
    const message = `a ${type} has no pattern`;
    fields.findings.error({ code: 'wrong-type', message, repair: "remove it, or say 'type: string'", path, at: field.keyAt });
    return null;
  }
  const problem = patternProblem(pattern);
  if (problem === null) return pattern;
  const repair = 'write an RE2 pattern of at most 256 characters; it is anchored at both ends';
  fields.findings.error({ code: 'invalid-regex', message: `'${printable(pattern)}' is no pattern: ${problem}`, repair, path, at: node.at });
  return null;
}

function readChoice(fields: Fields): readonly string[] | null {
  const items = fields.optional('oneOf', asList, null);
  return items?.flatMap((item) => text(longestArgument)(item, fields.findings) ?? []) ?? null;
}

function readBound(fields: Fields, key: 'min' | 'max', type: ArgumentSpec['type']): number | null {
  const field = fields.take(key);
  if (field === null) return null;
  if (type === 'duration') return duration()(field, fields.findings) ?? null;
  if (type === 'number' || type === 'integer') return number()(field, fields.findings) ?? null;
  const message = `a ${type} has no '${key}'`;
  fields.findings.error({ code: 'wrong-type', message, repair: "remove it, or say 'type: number'", path: field.path, at: field.keyAt });
  return null;
}
