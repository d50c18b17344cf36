import { describe, expect, it } from '@jest/globals';
import { cdEventsChannel } from '../../src/notifications/channels/cdevents.channel.js';
import { cdEventProblems } from '../support/cdevents-rules.js';
import { expectGolden } from '../support/golden.js';
import { hostileEvent, messageOf, sampleEvents } from '../support/sample-event.js';

const versions = ['0.4.1', '0.5.1'] as const;
const abouts = ['test-suite-run', 'incident', 'verdict'] as const;

const render = (
  name: string,
  options: object,
): { headers: Readonly<Record<string, string>>; event: { context: { type: string; id: string } } } => {
  const { headers, body } = messageOf(cdEventsChannel, sampleEvents[name] as (typeof sampleEvents)[string], { ...options });
  return { headers, event: JSON.parse(body) };
};

describe.each(versions)('CDEvents %s', (specVersion) => {
  const problems = cdEventProblems(specVersion);

  it.each(abouts.flatMap((about) => Object.keys(sampleEvents).map((name) => [about, name] as const)))(
    'about a %s: %s is valid',
    (about, name) => {
      const { headers, event } = render(name, { specVersion, about });
      expect(problems(event)).toEqual([]);
      expect(headers).toMatchObject({ 'ce-specversion': '1.0', 'ce-type': event.context.type, 'ce-id': event.context.id });
    },
  );

  it('would not pass as the other version', () => {
    const other = cdEventProblems(specVersion === '0.4.1' ? '0.5.1' : '0.4.1');
    expect(other(render('rollback', { specVersion }).event)).not.toEqual([]);
  });

  it.each([
    ['promote', specVersion === '0.4.1' ? 'pass' : 'success'],
    ['rollback', specVersion === '0.4.1' ? 'fail' : 'failure'],
    ['deadline', 'error'],
    ['cancelled', 'cancel'],
  ])('%s is the outcome %s', (name, outcome) => {
    expect(render(name, { specVersion }).event).toMatchObject({ subject: { content: { outcome } } });
  });

  it.each([10, 300, 5_000])('is valid whatever %i letters people wrote', (length) => {
    for (const about of abouts) {
      const { body } = messageOf(cdEventsChannel, hostileEvent(length), { specVersion, about });
      expect(problems(JSON.parse(body))).toEqual([]);
    }
  });

  it('reads as it did', () => {
    const shown = abouts.map((about) => [about, render('rollback', { specVersion, about })]);
    expectGolden(`cdevents/rollback-${specVersion}.json`, `${JSON.stringify(Object.fromEntries(shown), null, 2)}\n`);
  });
});

it('an incident is detected only by a rollback', () => {
  const types = Object.keys(sampleEvents).map((name) => render(name, { about: 'incident' }).event.context.type);
  expect(types.filter((type) => type.startsWith('dev.cdevents.incident.'))).toEqual(['dev.cdevents.incident.detected.0.3.0']);
});

it("the run's own environment wins over the endpoint's", () => {
  const event = hostileEvent(20);
  const environmentOf = (options: object): string =>
    JSON.parse(messageOf(cdEventsChannel, event, { ...options }).body).subject.content.environment.id;
  expect(environmentOf({ environment: 'staging' })).toBe(JSON.parse(event.body).data.labels.environment);
  expect(render('rollback', { environment: 'staging' }).event).toMatchObject({ subject: { content: { environment: { id: 'staging' } } } });
});
