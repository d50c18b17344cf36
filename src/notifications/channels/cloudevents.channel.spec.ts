import { describe, expect, it } from '@jest/globals';
import { expectGolden } from '../../../test/support/golden.js';
import { hostileEvent, sampleEvents } from '../../../test/support/sample-event.js';
import { cloudEventsChannel } from './cloudevents.channel.js';

const rollback = sampleEvents['rollback'] as (typeof sampleEvents)[string];

describe('a CloudEvent', () => {
  it.each(['binary', 'structured'])('in %s mode reads as it did', (mode) => {
    const { headers, body } = cloudEventsChannel.render(rollback, { options: { mode }, credential: null });
    expectGolden(`cloudevents/${mode}.json`, `${JSON.stringify({ headers, body: JSON.parse(body) }, null, 2)}\n`);
  });

  it('has the bytes of the event as its data, and the same id on every attempt', () => {
    const first = cloudEventsChannel.render(rollback, { options: {}, credential: null });
    expect(first.body).toBe(rollback.body);
    expect(cloudEventsChannel.render(rollback, { options: {}, credential: null })).toEqual(first);
    expect(first.headers['ce-id']).toBe(rollback.id);
  });

  it('keeps headers printable ASCII whatever a source holds', () => {
    const { headers } = cloudEventsChannel.render(hostileEvent(500), { options: { source: '/é "x" \ud800' }, credential: 'token' });
    for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
    expect(headers['ce-source']).toBe('/%C3%A9%20%22x%22%20%EF%BF%BD');
    expect(headers['authorization']).toBe('Bearer token');
  });

  it('takes no options that it does not know', () => {
    expect(cloudEventsChannel.optionIssues?.({ mode: 'batched', color: 1 }).map(({ path }) => path)).toEqual([
      'options.mode',
      'options.color',
    ]);
  });
});
