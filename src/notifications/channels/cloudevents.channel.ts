import type { EventPayload, OutboxEvent } from '../../domain/index.js';
import type { Channel, Message } from '../channel.js';
import { issuesOfOptions, oneOf, textUpTo } from './option-issues.js';

/** The event as a CloudEvent 1.0 over HTTP, for event brokers: Knative, Argo Events, EventBridge and the like. */
export const cloudEventsChannel: Channel = {
  type: 'cloudevents',
  secretAddress: false,
  secret: 'optional',
  optionIssues: (options) => issuesOfOptions(options, { mode: oneOf('binary', 'structured'), source: textUpTo(256) }),
  render(event, { options, credential }) {
    const attributes = attributesOf(event, typeof options['source'] === 'string' ? options['source'] : '/assay');
    return withBearer(options['mode'] === 'structured' ? structured(event, attributes) : binary(event.body, attributes), credential);
  },
};

/** Attributes of a CloudEvent, all of them texts. */
export type CloudEventAttributes = Readonly<Record<'specversion' | 'id' | 'source' | 'type' | 'subject' | 'time', string>>;

function attributesOf({ id, type, runId, body }: OutboxEvent, source: string): CloudEventAttributes {
  const { timestamp } = JSON.parse(body) as EventPayload;
  return { specversion: '1.0', id, source, type: `dev.assay.${type}`, subject: runId, time: timestamp };
}

/** Attributes in headers, the data as the body. */
export const binary = (body: string, attributes: CloudEventAttributes): Message => ({
  body,
  headers: {
    ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, headerValue(value)])),
    'content-type': 'application/json',
  },
});

const structured = ({ body }: OutboxEvent, attributes: CloudEventAttributes): Message => ({
  body: JSON.stringify({ ...attributes, datacontenttype: 'application/json', data: JSON.parse(body) }),
  headers: { 'content-type': 'application/cloudevents+json' },
});

/** What is outside printable ASCII is percent-encoded, as the HTTP binding asks. */
const headerValue = (value: string): string =>
  value.replace(/[^\x21-\x7e]|["%]/gu, (character) => encodeURIComponent(character.toWellFormed()));

/** With the token where there is one. */
export const withBearer = (message: Message, token: string | null): Message =>
  token === null ? message : { ...message, headers: { ...message.headers, authorization: `Bearer ${token}` } };
