import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export type CdEventsVersion = '0.4.1' | '0.5.1';

/** What the specification says of one type of event: its subject, and the fields of its content. */
interface EventRule {
  readonly type: string | RegExp;
  /** as 0.4.1 names it in `subject.type`; 0.5 has no such field */
  readonly subjectType: string;
  readonly content: Schema;
}

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string', minLength: 1 };
const reference: Schema = { type: 'string', minLength: 1, format: 'uri-reference' };

/** An object with these fields and no others; names that end in `?` may be missing. */
function closed(fields: Readonly<Record<string, Schema>>): Schema {
  const named = Object.entries(fields).map(([name, schema]) => [name.replace(/\?$/, ''), schema] as const);
  const required = Object.keys(fields).filter((name) => !name.endsWith('?'));
  return { type: 'object', properties: Object.fromEntries(named), required, additionalProperties: false };
}

const environment = closed({ id: text, 'source?': reference });
const testSuite = closed({
  id: text,
  'version?': { type: 'string' },
  'name?': { type: 'string' },
  'uri?': { type: 'string', format: 'uri' },
});

function rulesOf(version: CdEventsVersion): readonly EventRule[] {
  const events = version === '0.4.1' ? '0.2.0' : '0.3.0';
  const outcomes = version === '0.4.1' ? ['pass', 'fail', 'cancel', 'error'] : ['success', 'failure', 'cancel', 'error'];
  const finished = {
    environment,
    outcome: { enum: outcomes },
    'testSuite?': testSuite,
    'severity?': { enum: ['low', 'medium', 'high', 'critical'] },
    'reason?': { type: 'string' },
  };
  const service = closed({ id: text, 'source?': reference });
  return [
    {
      type: `dev.cdevents.testsuiterun.started.${events}`,
      subjectType: 'testSuiteRun',
      content: closed({ environment, 'testSuite?': testSuite, 'trigger?': {} }),
    },
    { type: `dev.cdevents.testsuiterun.finished.${events}`, subjectType: 'testSuiteRun', content: closed(finished) },
    {
      type: `dev.cdevents.incident.detected.${events}`,
      subjectType: 'incident',
      content: closed({ environment, 'service?': service, 'description?': { type: 'string' }, 'artifactId?': text }),
    },
    { type: /^dev\.cdeventsx\.[a-zA-Z0-9]+-[a-zA-Z]+\.[a-zA-Z]+\.\d\.\d\.\d$/, subjectType: 'assay-verdict', content: { type: 'object' } },
  ];
}

/**
 * Everything that is wrong with an event by this version of CDEvents; empty: nothing. Written from the specification, for the types
 * that Assay sends.
 */
export function cdEventProblems(version: CdEventsVersion): (event: unknown) => string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  const validators = rulesOf(version).map((rule) => ({ rule, validate: ajv.compile(eventSchema(version, rule)) }));
  return (event) => {
    const type = String((event as { context?: { type?: unknown } }).context?.type);
    const found = validators.find(({ rule }) => (typeof rule.type === 'string' ? rule.type === type : rule.type.test(type)));
    if (!found) return [`${type} is no type of ${version}`];
    return found.validate(event) ? [] : (found.validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

function eventSchema(version: CdEventsVersion, { subjectType, content }: EventRule): Schema {
  const context = {
    [version === '0.4.1' ? 'version' : 'specversion']: { const: version },
    id: text,
    source: reference,
    type: text,
    timestamp: { type: 'string', format: 'date-time' },
    'schemaUri?': { type: 'string', minLength: 1, format: 'uri' },
    'chainId?': text,
    'links?': { type: 'array' },
  };
  const subject = { id: text, 'source?': reference, content, ...(version === '0.4.1' && { type: { const: subjectType } }) };
  return closed({
    context: closed(context),
    subject: closed(subject),
    'customData?': { type: ['object', 'string'] },
    'customDataContentType?': { type: 'string' },
  });
}
