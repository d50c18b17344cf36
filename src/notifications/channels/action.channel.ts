import type { EventPayload } from '../../domain/index.js';
import type { Channel, ChannelOptions, Message } from '../channel.js';
import { issuesOfOptions, type OptionRule, oneOf } from './option-issues.js';

type Data = EventPayload['data'];
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What a body may name, as `${name}`; labels as `${labels.name}`. */
const fields = [
  'run',
  'template',
  'service',
  'decision',
  'code',
  'reason',
  'score',
  'weight',
  'baseline',
  'canary',
  'url',
] as const satisfies readonly (keyof Data)[];

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'];
const deepest = 16;

/**
 * A request of the operator's own making, for what shall happen with a verdict: switch a feature flag off, start a pipeline. Give it rules, such as
 * `decisions: [rollback]`. In the body a text that is only a placeholder becomes the field with its type; one with more around it stays
 * a text. The credential goes where a header says `${credential}`.
 */
export const actionChannel: Channel = {
  type: 'action',
  secretAddress: false,
  secret: 'optional',
  optionIssues: (options) =>
    issuesOfOptions(options, { method: oneOf(...methods), headers: isHeaders, body: (body) => bodyProblem(body, 0), finalOnly: isBoolean }),
  render({ body }, { options, credential }) {
    const payload = JSON.parse(body) as EventPayload;
    if (options['finalOnly'] !== false && payload.type !== 'verdict.final') return null;
    return requestOf(payload, options, credential);
  },
};

function requestOf({ data }: EventPayload, options: ChannelOptions, credential: string | null): Message {
  const given = (options['headers'] ?? {}) as Readonly<Record<string, string>>;
  const headers = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.toLowerCase(), value.replaceAll(secretPlaceholder, credential ?? '')]),
  );
  const body = options['body'] === undefined ? '' : JSON.stringify(filled(options['body'] as Json, data));
  const method = typeof options['method'] === 'string' ? options['method'] : 'POST';
  return { method, body, headers: { ...(body !== '' && { 'content-type': 'application/json' }), ...headers } };
}

const secretPlaceholder = '${credential}';
const placeholder = /\$\{([\w.-]{1,100})\}/g;
const wholePlaceholder = /^\$\{([\w.-]{1,100})\}$/;

function filled(template: Json, data: Data): Json {
  if (typeof template === 'string') {
    const [, whole] = wholePlaceholder.exec(template) ?? [];
    if (whole !== undefined) return fieldOf(whole, data);
    return template.replace(placeholder, (_, name: string) => String(fieldOf(name, data) ?? ''));
  }
  if (Array.isArray(template)) return template.map((part) => filled(part, data));
  if (typeof template === 'object' && template !== null)
    return Object.fromEntries(Object.entries(template).map(([name, part]) => [name, filled(part as Json, data)]));
  return template;
}

function fieldOf(name: string, data: Data): string | number | null {
  if (name.startsWith('labels.')) return data.labels[name.slice('labels.'.length)] ?? null;
  return data[name as (typeof fields)[number]];
}

const isBoolean: OptionRule = (value) => (typeof value === 'boolean' ? null : 'must be true or false');

function bodyProblem(body: unknown, depth: number): string | null {
  if (depth > deepest) return `is nested more than ${deepest} deep`;
  if (typeof body === 'string')
    return [...body.matchAll(placeholder)].map(([, name = '']) => fieldProblem(name)).find((problem) => problem !== null) ?? null;
  if (typeof body !== 'object' || body === null) return null;
  return (
    Object.values(body)
      .map((part) => bodyProblem(part, depth + 1))
      .find((problem) => problem !== null) ?? null
  );
}

const fieldProblem = (name: string): string | null =>
  name.startsWith('labels.') || (fields as readonly string[]).includes(name)
    ? null
    : `names \${${name}}, which is no field: use ${fields.join(', ')} and labels.NAME`;

/** The connection's own headers are not the operator's, and those of signatures would be a lie. */
const forbidden = /^(host|content-length|connection|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*|webhook-.*)$/i;

const isHeaders: OptionRule = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be a map of names to texts';
  const entries = Object.entries(value);
  if (entries.length > 30) return 'has at most 30 headers';
  for (const [name, text] of entries) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name) || forbidden.test(name))
      return `may not set the header ${JSON.stringify(name.slice(0, 100))}`;
    if (typeof text !== 'string' || text.length > 2_000 || !/^[\x20-\x7e]*$/.test(text))
      return `must give header ${name} a text of printable ASCII`;
    if (looksSecret(name, text)) return `holds a secret by value in ${name}: write ${secretPlaceholder} there and give secretRef`;
  }
  return null;
};

const looksSecret = (name: string, text: string): boolean =>
  /^(authorization|proxy-authorization|cookie|x-api-key|api-key|x-auth-token|private-token)$/i.test(name) &&
  !text.includes(secretPlaceholder);
