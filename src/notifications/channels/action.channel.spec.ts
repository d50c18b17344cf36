import { describe, expect, it } from '@jest/globals';
import { hostileEvent, messageOf, sampleEvent, sampleEvents, sampleVerdicts } from '../../../test/support/sample-event.js';
import { actionChannel } from './action.channel.js';

const rollback = sampleEvents['rollback'] as (typeof sampleEvents)[string];
const issuesOf = (options: object): string[] => actionChannel.optionIssues?.({ ...options }).map(({ message }) => message) ?? [];

describe('an action', () => {
  it('is the request that the operator wrote, with the fields of the event in their types', () => {
    const options = {
      method: 'PATCH',
      headers: { Authorization: 'Bearer ${credential}', 'X-Reason': 'assay' },
      body: {
        enabled: false,
        comment: 'rolled back: ${canary} (${decision}, ${score})',
        score: '${score}',
        weight: '${weight}',
        nested: [{ run: '${run}' }],
      },
    };
    const { method, headers, body } = messageOf(actionChannel, rollback, options, 's3cr3t');
    expect(method).toBe('PATCH');
    expect(headers).toEqual({ 'content-type': 'application/json', authorization: 'Bearer s3cr3t', 'x-reason': 'assay' });
    expect(JSON.parse(body)).toEqual({
      enabled: false,
      comment: 'rolled back: 1.5.0 (rollback, 3)',
      score: 3,
      weight: 0.05,
      nested: [{ run: 'run_01KJM00000AAAAAAAAAA' }],
    });
  });

  it('names labels, and null where there is no such label', () => {
    const flagged = sampleEvent('verdict.final', sampleVerdicts.rollback, { state: 'finished', labels: { flag: 'new-checkout' } });
    const { body } = messageOf(actionChannel, flagged, {
      body: { flag: '${labels.flag}', other: '${labels.other}', text: 'x${labels.other}y' },
    });
    expect(JSON.parse(body)).toEqual({ flag: 'new-checkout', other: null, text: 'xy' });
  });

  it('happens at ends of runs only, unless every event is asked for', () => {
    const told = (options: object): string[] =>
      Object.entries(sampleEvents).flatMap(([name, event]) =>
        actionChannel.render(event, { options: { ...options }, credential: null }) ? [name] : [],
      );
    expect(told({})).toEqual(['rollback', 'promote', 'deadline', 'cancelled']);
    expect(told({ finalOnly: false })).toEqual(Object.keys(sampleEvents));
  });

  it('stays the JSON that it was whatever people wrote: nothing that is filled in is filled in again', () => {
    for (const length of [20, 200, 4_000]) {
      const { body } = messageOf(actionChannel, hostileEvent(length), { body: { a: '${reason}', b: 'x ${service} y' } });
      const { a, b } = JSON.parse(body);
      expect(a).toBe(JSON.parse(hostileEvent(length).body).data.reason);
      expect(b.startsWith('x ')).toBe(true);
    }
  });

  it('takes back what cannot be meant', () => {
    expect(issuesOf({ method: 'GET' })).toHaveLength(1);
    expect(issuesOf({ body: { a: '${verdict}' } })[0]).toContain('names ${verdict}, which is no field: use run,');
    expect(issuesOf({ body: JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`) })[0]).toContain('nested more than 16 deep');
    for (const headers of [{ Host: 'x' }, { 'webhook-signature': 'v1,x' }, { 'X-A': 'a\r\nB: c' }, { 'X A': 'b' }, { 'X-A': 1 }, []]) {
      expect(issuesOf({ headers })).toHaveLength(1);
    }
  });

  it('keeps no secret by value', () => {
    expect(issuesOf({ headers: { Authorization: 'Bearer abc' } })[0]).toContain('holds a secret by value');
    expect(issuesOf({ headers: { 'X-Api-Key': 'abc' } })[0]).not.toContain('abc');
    expect(issuesOf({ headers: { authorization: 'Bearer ${credential}' } })).toEqual([]);
  });
});
