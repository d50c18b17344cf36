import { expect, it } from '@jest/globals';
import { CreateEndpointDto } from '../deliveries/endpoint.dto.js';
import { StartRunDto } from '../runs/start-run.dto.js';
import { validation } from './validation.js';

const issuesOf = async (body: object, metatype: typeof StartRunDto | typeof CreateEndpointDto = StartRunDto): Promise<unknown[][]> => {
  const refused: { issues: { path: string; message: string; repair: string }[] } = await validation()
    .transform(body, { type: 'body', metatype })
    .catch((error) => error);
  return refused.issues.map(({ path, message, repair }) => [path, message, repair]);
};

it('says of a field that was left out that it is missing, not that it has to be a text', async () => {
  expect(await issuesOf({ baseline: '1', canary: '2' })).toEqual([
    ['template', 'template is missing', 'add template; /docs shows what belongs there'],
  ]);
});

it.each([5, '5%', 0, -1])('says how a weight of %j is written', async (weight) => {
  expect(await issuesOf({ template: 't', baseline: '1', canary: '2', weight })).toEqual([
    ['weight', expect.any(String), 'write a share above 0 and up to 1: 5 % is 0.05'],
  ]);
});

it('does not repeat what was sent', async () => {
  expect(JSON.stringify(await issuesOf({ template: { secret: 'hunter2' }, canary: ['hunter2'] }))).not.toContain('hunter2');
});

it('names the mistakes of an endpoint and the fields that do not exist at once', async () => {
  const issues = await issuesOf({ channel: 'webhook', secretref: 'env:A', url: 'ftp://a', events: ['verdict'] }, CreateEndpointDto);
  expect(issues).toEqual([
    ['secretref', 'secretref is not known here: did you mean secretRef?', 'write secretRef, or remove it'],
    ['url', 'this is no http or https URL', 'give https://host/path'],
    ['secretRef', 'messages are signed, and there is no secret', expect.any(String)],
    ['events[0]', 'this event is not known', expect.any(String)],
  ]);
});

it('says nothing twice of a field that has the wrong type', async () => {
  const issues = await issuesOf({ channel: 7, url: 7, events: 'all' }, CreateEndpointDto);
  expect(issues.map(([path]) => path)).toEqual(['channel', 'url', 'events']);
});
