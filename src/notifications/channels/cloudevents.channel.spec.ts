import { describe, expect, it } from '@jest/globals';
import { expectGolden } from '../../../test/support/golden.js';
import { hostileEvent, messageOf, sampleEvents } from '../../../test/support/sample-event.js';
import { cloudEventsChannel } from './cloudevents.channel.js';

const rollback = sampleEvents['rollback'] as (typeof sampleEvents)[string];

describe('a CloudEvent', () => {
  it.each(['binary', 'structured'])('in %s mode reads as it did', (mode) => {
    const { headers, body } = messageOf(cloudEventsChannel, rollback, { mode });
    expectGolden(`cloudevents/${mode}.json`, `${JSON.stringify({ headers, body: JSON.parse(body) }, null, 2)}\n`);
  });

  it('has the bytes of the event as its data, and the same id on every attempt', () => {
    const first = messageOf(cloudEventsChannel, rollback);
    expect(first.body).toBe(rollback.body);
    expect(messageOf(cloudEventsChannel, rollback)).toEqual(first);
    expect(first.headers['ce-id']).toBe(rollback.id);
  });

  it('keeps headers printable ASCII whatever a source holds', () => {
    const { headers } = messageOf(cloudEventsChannel, hostileEvent(500), { source: '/é "x" \ud800' }, 'token');
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
