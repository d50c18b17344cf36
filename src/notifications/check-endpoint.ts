import { isSecretReference } from '../config/index.js';
import { eventTypes, type Issue, type RoutingRules } from '../domain/index.js';
import { channels } from './channels/index.js';

/** An endpoint as somebody asked for it. */
export interface EndpointDraft {
  readonly channel: string;
  /** give this, or `urlRef` where the address itself is a secret */
  readonly url?: string | null | undefined;
  readonly urlRef?: string | null | undefined;
  readonly secretRef?: string | null | undefined;
  /** `*` where left out */
  readonly events?: readonly string[] | undefined;
  readonly description?: string | undefined;
  /** of the channel */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly rules?: RoutingRules | undefined;
}

/** Everything that is wrong with it; empty: nothing. */
export function checkEndpoint(draft: EndpointDraft): Issue[] {
  return [
    ...addressIssues(draft),
    ...secretIssues(draft),
    ...eventIssues(draft.events ?? ['*']),
    ...ruleIssues(draft.rules ?? {}),
    ...optionIssues(draft),
    ...descriptionIssues(draft),
  ];
}

function addressIssues({ channel: type, url = null, urlRef = null }: EndpointDraft): Issue[] {
  const channel = channels.find((known) => known.type === type);
  if (!channel) {
    return [
      issue('unknown-channel', 'channel', 'this channel is not known', `use one of ${channels.map((known) => known.type).join(', ')}`),
    ];
  }
  if (channel.secretAddress && url !== null) {
    const why = `whoever knows a ${type} address may post there`;
    return [issue('secret-by-value', 'url', why, 'give urlRef: env:NAME or file:/path with the address in it')];
  }
  if (url === null && urlRef === null && channel.defaultUrl !== undefined) return [];
  if ((url === null) === (urlRef === null)) {
    const one = channel.secretAddress ? 'urlRef' : 'url, or urlRef where the address is a secret';
    return [issue('one-address', 'url', 'an endpoint has exactly one address', `give ${one}`)];
  }
  return url === null ? referenceIssues('urlRef', urlRef) : urlIssues(url);
}

function urlIssues(url: string): Issue[] {
  const target = url.length <= 2_048 && URL.canParse(url) ? new URL(url) : null;
  if (!target || !/^https?:$/.test(target.protocol))
    return [issue('not-a-url', 'url', 'this is no http or https URL', 'give https://host/path')];
  if (target.username === '' && target.password === '') return [];
  return [issue('secret-by-value', 'url', 'the URL holds a user name or password', 'leave it out: messages are signed')];
}

function secretIssues({ channel, secretRef = null }: EndpointDraft): Issue[] {
  const needs = channels.find(({ type }) => type === channel)?.secret ?? 'none';
  if (secretRef !== null) return referenceIssues('secretRef', secretRef);
  if (needs === 'signs')
    return [missingSecret('messages are signed, and there is no secret', 'give env:NAME or file:/path with a whsec_ secret in it')];
  return needs === 'credential' ? [missingSecret(`${channel} needs a credential`, 'give env:NAME or file:/path with it')] : [];
}

const missingSecret = (why: string, repair: string): Issue => issue('secret-missing', 'secretRef', why, repair);

function optionIssues({ channel: type, options = {} }: EndpointDraft): readonly Issue[] {
  const channel = channels.find((known) => known.type === type);
  if (!channel) return [];
  if (JSON.stringify(options).length > mostOptionLetters)
    return [issue('too-long', 'options', `options have at most ${mostOptionLetters} letters`, 'shorten them')];
  if (channel.optionIssues) return channel.optionIssues(options);
  return Object.keys(options).map((name) => issue('unknown-option', `options.${name}`, `${type} has no options`, 'leave it out'));
}

const mostOptionLetters = 16_384;
const mostPatterns = 50;

function ruleIssues({ decisions = [], services = [], templates = [], ...unknown }: RoutingRules): Issue[] {
  const lists = Object.entries({ decisions, services, templates });
  return [
    ...Object.keys(unknown).map((name) =>
      issue('unknown-rule', `rules.${name}`, 'there is no such rule', 'use decisions, services and templates'),
    ),
    ...lists.flatMap(([name, list]) =>
      Array.isArray(list) &&
      list.length <= mostPatterns &&
      list.every((text) => typeof text === 'string' && text !== '' && text.length <= 256)
        ? []
        : [
            issue(
              'bad-rule',
              `rules.${name}`,
              `this is no list of at most ${mostPatterns} texts`,
              'give a list such as ["checkout", "pay-*"]',
            ),
          ],
    ),
    ...(Array.isArray(decisions) ? decisions : [])
      .filter((decision) => !['promote', 'hold', 'rollback'].includes(decision))
      .map(() => issue('unknown-decision', 'rules.decisions', 'this decision is not known', 'use promote, hold and rollback')),
  ];
}

const referenceIssues = (path: string, reference: string | null): Issue[] =>
  reference !== null && isSecretReference(reference)
    ? []
    : [issue('secret-by-value', path, 'this is not a reference', 'give env:NAME or file:/path, not the secret itself')];

function eventIssues(events: readonly string[]): Issue[] {
  const known = ['*', ...new Set(eventTypes.map((type) => `${type.split('.')[0]}.*`)), ...eventTypes];
  if (events.length === 0) return [issue('no-events', 'events', 'it would never be told anything', `give some of ${known.join(', ')}`)];
  return events.flatMap((event, index) =>
    known.includes(event) ? [] : [issue('unknown-event', `events[${index}]`, 'this event is not known', `use one of ${known.join(', ')}`)],
  );
}

const descriptionIssues = ({ description = '' }: EndpointDraft): Issue[] =>
  description.length <= 500 && !description.includes('\0')
    ? []
    : [issue('too-long', 'description', 'a description has at most 500 characters and no NUL', 'shorten it')];

const issue = (code: string, path: string, message: string, repair: string): Issue => ({
  code,
  severity: 'error',
  message,
  repair,
  path,
  line: 0,
  column: 0,
});
