import { describe, expect, it } from '@jest/globals';
import { expectGolden } from '../../../test/support/golden.js';
import { hostileEvent, messageOf, sampleEvents } from '../../../test/support/sample-event.js';
import type { Channel, ChannelOptions } from '../channel.js';
import { alertmanagerChannel } from './alertmanager.channel.js';
import { grafanaChannel } from './grafana.channel.js';
import { pagerDutyChannel } from './pagerduty.channel.js';
import { teamsChannel } from './teams.channel.js';

const event = (name: string) => sampleEvents[name] as (typeof sampleEvents)[string];
// biome-ignore lint/suspicious/noExplicitAny: specs read what came, whatever its shape
const bodyOf = (channel: Channel, name: string, options: ChannelOptions = {}): any =>
  JSON.parse(messageOf(channel, event(name), options, 'secret').body);
const tells = (channel: Channel, options: ChannelOptions = {}): string[] =>
  Object.keys(sampleEvents).filter((name) => channel.render(event(name), { options, credential: 'secret' }) !== null);

const lengths = [0, 1, 40, 200, 1_023, 1_024, 1_025, 5_000, 50_000];

it.each([
  [pagerDutyChannel, {}, 'pagerduty'],
  [pagerDutyChannel, { kind: 'changes' }, 'pagerduty-changes'],
  [teamsChannel, {}, 'teams'],
  [grafanaChannel, { dashboardUID: 'abc', panelId: 2 }, 'grafana'],
  [alertmanagerChannel, {}, 'alertmanager'],
] as const)('%# reads as it did', (channel, options, name) => {
  const shown = tells(channel, options).map((kind) => [kind, bodyOf(channel, kind, options)]);
  expectGolden(`channels/${name}.json`, `${JSON.stringify(Object.fromEntries(shown), null, 2)}\n`);
});

describe('PagerDuty', () => {
  it('pages for a rollback, resolves with the next promote of the same service, and is silent otherwise', () => {
    expect(tells(pagerDutyChannel)).toEqual(['rollback', 'promote']);
    const [page, end] = [bodyOf(pagerDutyChannel, 'rollback'), bodyOf(pagerDutyChannel, 'promote')];
    expect([page.event_action, end.event_action]).toEqual(['trigger', 'resolve']);
    expect(page.dedup_key).toBe(end.dedup_key);
  });

  it('never pages for changes', () => {
    expect(tells(pagerDutyChannel, { kind: 'changes' })).toEqual(['started', 'rollback', 'promote', 'deadline', 'cancelled']);
    expect(pagerDutyChannel.defaultUrl?.({ kind: 'changes' })).toBe('https://events.pagerduty.com/v2/change/enqueue');
    expect(pagerDutyChannel.defaultUrl?.({})).toBe('https://events.pagerduty.com/v2/enqueue');
    expect(bodyOf(pagerDutyChannel, 'rollback', { kind: 'changes' })).not.toHaveProperty('event_action');
  });

  it.each(lengths)('keeps its limits, the decision and the link with texts of %i letters', (length) => {
    const { body } = messageOf(pagerDutyChannel, hostileEvent(length), {}, 'x'.repeat(32));
    const { dedup_key, payload, links } = JSON.parse(body);
    expect(Array.from(payload.summary as string).length).toBeLessThanOrEqual(1_024);
    expect(payload.summary).toMatch(/^ROLLBACK\b/);
    expect(dedup_key.length).toBeLessThanOrEqual(255);
    expect(Buffer.byteLength(body)).toBeLessThan(512 * 1024);
    expect(links[0].href).toMatch(/^https:\/\/assay\.example\//);
  });
});

describe('Microsoft Teams', () => {
  it('is told of everything', () => {
    expect(tells(teamsChannel)).toEqual(Object.keys(sampleEvents));
  });

  it.each(lengths)('gets a card under 20 KB with texts of %i letters', (length) => {
    const { body } = messageOf(teamsChannel, hostileEvent(length));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_000);
    const [{ content }] = JSON.parse(body).attachments;
    expect(content).toMatchObject({ type: 'AdaptiveCard', version: '1.4', actions: [{ type: 'Action.OpenUrl' }] });
    expect(content.body[0].inlines[0].text).toMatch(/^ROLLBACK\b/);
  });

  it('says what is to be minded about the data', () => {
    const happened = event('promote');
    const payload = JSON.parse(happened.body);
    payload.data.metrics = [{ ...payload.data.metrics[0], warnings: ['41 observations fell into the overflow series'] }];
    const { body } = messageOf(teamsChannel, { ...happened, body: JSON.stringify(payload) });
    expect(body).toContain('"text":"Mind: 41 observations fell into the overflow series"');
  });

  it('shows what people wrote as text', () => {
    const { body } = messageOf(teamsChannel, hostileEvent(200));
    const { facts } = JSON.parse(body).attachments[0].content.body.find(({ type }: { type: string }) => type === 'FactSet');
    expect(facts[0].value).toContain('\\[a\\]\\(javascript:1\\)');
  });
});

describe('Grafana', () => {
  it('marks the whole of a run that ended, and moments otherwise', () => {
    expect(bodyOf(grafanaChannel, 'rollback')).toMatchObject({
      time: Date.parse('2026-03-01T12:00:00Z'),
      timeEnd: Date.parse('2026-03-01T12:06:40Z'),
    });
    expect(bodyOf(grafanaChannel, 'hold')).not.toHaveProperty('timeEnd');
  });

  it('shows what people wrote as text, and sends its token in the header only', () => {
    const { body, headers } = messageOf(grafanaChannel, hostileEvent(300), {}, 'glsa_secret');
    expect(JSON.parse(body).text).not.toMatch(/<script|<!channel/);
    expect(headers['authorization']).toBe('Bearer glsa_secret');
    expect(body).not.toContain('glsa_secret');
  });
});

describe('Alertmanager', () => {
  it('fires for a rollback and ends by a promote with the same labels', () => {
    expect(tells(alertmanagerChannel)).toEqual(['rollback', 'promote']);
    const [[fires], [ends]] = [bodyOf(alertmanagerChannel, 'rollback'), bodyOf(alertmanagerChannel, 'promote')];
    expect(ends.labels).toEqual(fires.labels);
    expect(Date.parse(fires.endsAt) - Date.parse(fires.startsAt)).toBe(4 * 3_600_000);
    expect(Date.parse(ends.endsAt)).toBeLessThanOrEqual(Date.parse('2026-03-01T12:06:40Z'));
  });

  it.each(lengths)('has labels of one line with texts of %i letters', (length) => {
    const [{ labels }] = JSON.parse(messageOf(alertmanagerChannel, hostileEvent(length)).body);
    for (const [name, value] of Object.entries<string>(labels)) {
      expect(name).toMatch(/^[a-zA-Z_]\w*$/);
      expect(value).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(value.length).toBeLessThanOrEqual(400);
    }
  });
});
