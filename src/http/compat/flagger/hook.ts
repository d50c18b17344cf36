import { InvalidRequestError } from '../../../domain/index.js';

/** Which canary is meant. */
export interface CanaryName {
  readonly name: string;
  readonly namespace: string;
}

/** What every hook of Flagger says. Versions add fields; what is not needed here is not looked at. */
export interface FlaggerHook extends CanaryName {
  readonly phase: string;
  /** changes with what is rolled out */
  readonly checksum: string;
  /** percent of the traffic that the canary has; null: older versions of Flagger do not say */
  readonly canaryWeight: number | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws {InvalidRequestError} something that no version of Flagger sends */
export function readHook(body: unknown): FlaggerHook {
  const fields = fieldsOf(body);
  const weight = fields['canaryWeight'];
  return {
    ...readCanaryName(body),
    phase: typeof fields['phase'] === 'string' ? fields['phase'] : '',
    checksum: nameIn(fields, 'checksum'),
    canaryWeight: typeof weight === 'number' && weight >= 0 && weight <= 100 ? weight : null,
    metadata: textsOf(fields['metadata'] ?? {}),
  };
}

/** @throws {InvalidRequestError} it names no canary */
export function readCanaryName(body: unknown): CanaryName {
  const fields = fieldsOf(body);
  return { name: nameIn(fields, 'name'), namespace: nameIn(fields, 'namespace') };
}

/** What an event means for a run; null: nothing. */
export type EventMeaning = { readonly kind: 'starting' } | { readonly kind: 'weight'; readonly percent: number };

/** Reads the sentences in which Flagger tells where its rollout is. */
export function meaningOf({ name, namespace, metadata }: FlaggerHook): EventMeaning | null {
  const message = metadata['eventMessage'] ?? '';
  // it names the target of the canary, which may be called otherwise; every event is about the canary of its payload
  const begins = ['New revision detected! Scaling up ', 'Starting canary analysis for '].some((words) => message.startsWith(words));
  if (begins && message.endsWith(`.${namespace}`)) return { kind: 'starting' };
  const advance = `Advance ${name}.${namespace} canary weight `;
  const [, digits] = message.startsWith(advance) ? (/^(\d{1,3})\b/.exec(message.slice(advance.length)) ?? []) : [];
  const percent = Number(digits ?? 0);
  return percent > 0 && percent <= 100 ? { kind: 'weight', percent } : null;
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new InvalidRequestError('a hook is a JSON object');
  return Object.assign(Object.create(null) as Record<string, unknown>, body);
}

const longestName = 253;

function nameIn(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '' || value.length > longestName)
    throw new InvalidRequestError(`${name} is missing, or no text of at most ${longestName} letters`);
  return value;
}

const mostEntries = 64;
const longestText = 16_384;

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsOf(value));
  const isText = ([, text]: [string, unknown]): boolean => typeof text === 'string' && text.length <= longestText;
  if (entries.length > mostEntries || !entries.every(isText)) throw new InvalidRequestError('metadata has to be a map of names to texts');
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(entries));
}
