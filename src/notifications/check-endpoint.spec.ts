import { expect, it } from '@jest/globals';
import { checkEndpoint, type EndpointDraft } from './check-endpoint.js';

const webhook: EndpointDraft = { channel: 'webhook', url: 'https://receiver.example/hook', secretRef: 'env:ASSAY_HOOK' };
const slack: EndpointDraft = { channel: 'slack', urlRef: 'file:/run/secrets/slack' };

it.each<EndpointDraft>([
  webhook,
  slack,
  { ...webhook, events: ['verdict.*', 'run.started'] },
  { ...webhook, url: null, urlRef: 'env:HOOK_URL' },
])('accepts %j', (draft) => {
  expect(checkEndpoint(draft)).toEqual([]);
});

it.each<[Partial<EndpointDraft>, string, string]>([
  [{ channel: 'pigeon' }, 'channel', 'unknown-channel'],
  [{ url: 'receiver.example' }, 'url', 'not-a-url'],
  [{ url: 'ftp://receiver.example/' }, 'url', 'not-a-url'],
  [{ url: `https://receiver.example/${'x'.repeat(2_100)}` }, 'url', 'not-a-url'],
  [{ url: 'https://ana:s3cr3t@receiver.example/' }, 'url', 'secret-by-value'],
  [{ url: null }, 'url', 'one-address'],
  [{ urlRef: 'env:HOOK_URL' }, 'url', 'one-address'],
  [{ url: null, urlRef: 'https://hooks.example/T0/B0/x' }, 'urlRef', 'secret-by-value'],
  [{ secretRef: null }, 'secretRef', 'secret-missing'],
  [{ secretRef: 'whsec_c2VjcmV0' }, 'secretRef', 'secret-by-value'],
  [{ secretRef: 'file:relative' }, 'secretRef', 'secret-by-value'],
  [{ events: [] }, 'events', 'no-events'],
  [{ events: ['*', 'verdict.final', 'verdict.finale'] }, 'events[2]', 'unknown-event'],
  [{ description: 'x'.repeat(501) }, 'description', 'too-long'],
])('refuses %j', (change, path, code) => {
  expect(checkEndpoint({ ...webhook, ...change })).toMatchObject([{ path, code, severity: 'error' }]);
});

it('never keeps the address of a Slack webhook, which is a secret', () => {
  const [issue] = checkEndpoint({ channel: 'slack', url: 'https://hooks.slack.com/services/T0/B0/s3cr3t' });
  expect(issue).toMatchObject({ path: 'url', code: 'secret-by-value' });
  expect(JSON.stringify(issue)).not.toContain('s3cr3t');
});

it('names every mistake at once', () => {
  expect(checkEndpoint({ channel: 'webhook', events: ['x', 'y'] }).map(({ code }) => code)).toEqual([
    'one-address',
    'secret-missing',
    'unknown-event',
    'unknown-event',
  ]);
});
