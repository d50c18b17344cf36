import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AttemptMade, afterAttempt, retryAfter, schedules } from './retry-policy.js';

const at = new Date('2026-03-01T12:00:00.000Z');
const noJitter = (): number => 0.5;
const attempt = (change: Partial<AttemptMade>): AttemptMade => ({
  lane: 'usual',
  laneAttempts: 1,
  status: 503,
  retryAfterSeconds: null,
  at,
  failingSince: null,
  type: 'verdict.changed',
  ...change,
});

/** Seconds after the first attempt at which each attempt is made, when all of them fail. */
function instants(lane: AttemptMade['lane'], random: () => number): number[] {
  const made = [0];
  for (let laneAttempts = 1; ; laneAttempts++) {
    const { state, dueAt } = afterAttempt(attempt({ lane, laneAttempts }), random);
    if (state === 'dead' || !dueAt) return made;
    made.push((made.at(-1) ?? 0) + (dueAt.getTime() - at.getTime()) / 1000);
  }
}

it('follows the schedule of the specification, then gives up', () => {
  expect(instants('usual', noJitter)).toEqual([0, 5, 305, 2_105, 9_305, 27_305, 63_305, 113_705, 185_705, 272_105]);
});

it('asks six times in the first 104 seconds after a final verdict, then joins the schedule', () => {
  expect(instants('fast', noJitter).slice(0, 8)).toEqual([0, 1, 4, 14, 44, 104, 109, 409]);
  expect(instants('fast', noJitter)).toHaveLength(15);
});

it('spreads every delay by a fifth, and no more', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('fast' as const, 'usual' as const),
      fc.nat(13),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (lane, index, random) => {
        const delay = schedules[lane][index + 1];
        fc.pre(delay !== undefined);
        const { dueAt } = afterAttempt(attempt({ lane, laneAttempts: index + 1 }), () => random);
        const seconds = ((dueAt?.getTime() ?? 0) - at.getTime()) / 1000;
        expect(seconds).toBeGreaterThanOrEqual(0.8 * delay - 0.001);
        expect(seconds).toBeLessThanOrEqual(1.2 * delay + 0.001);
      },
    ),
  );
});

it.each([200, 201, 202, 204, 299])('counts %i as delivered', (status) => {
  expect(afterAttempt(attempt({ status }), noJitter)).toEqual({ state: 'delivered', dueAt: null, disable: null });
});

it.each([null, 100, 199, 300, 301, 304, 307, 400, 401, 404, 408, 409, 422, 429, 500, 502, 503, 504, 599])(
  'tries again after %s',
  (status) => {
    expect(afterAttempt(attempt({ status }), noJitter).state).toBe('pending');
  },
);

it('ends the endpoint that says 410', () => {
  expect(afterAttempt(attempt({ status: 410 }), noJitter)).toEqual({
    state: 'dead',
    dueAt: null,
    disable: 'the receiver answered 410 Gone',
  });
});

it.each([
  [120, 120],
  [1, 5],
  [999_999, 3_600],
  [-5, 5],
])('waits as long as it is asked to, up to an hour: %i s', (retryAfterSeconds, seconds) => {
  const { dueAt } = afterAttempt(attempt({ status: 429, retryAfterSeconds }), noJitter);
  expect(((dueAt?.getTime() ?? 0) - at.getTime()) / 1000).toBe(seconds);
});

it.each([
  ['120', 120],
  ['Sun, 01 Mar 2026 12:02:00 GMT', 120],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-1', null],
  ['1e9', null],
  ['99999999999999999999', null],
  [null, null],
])('reads Retry-After: %s', (header, seconds) => {
  expect(retryAfter(header, at)).toBe(seconds);
});

describe('an endpoint that cannot be told', () => {
  const hoursAgo = (hours: number): Date => new Date(at.getTime() - hours * 3_600_000);

  it('is disabled after 120 hours of nothing but failures, not before', () => {
    expect(afterAttempt(attempt({ failingSince: hoursAgo(119.9) }), noJitter).disable).toBeNull();
    expect(afterAttempt(attempt({ failingSince: hoursAgo(120) }), noJitter)).toMatchObject({
      state: 'pending',
      disable: 'every attempt failed for 120 hours',
    });
    expect(afterAttempt(attempt({ failingSince: hoursAgo(500), status: 200 }), noJitter).disable).toBeNull();
  });

  it('is told of to others once, when a final verdict has failed through the fast lane', () => {
    const alarms = (change: Partial<AttemptMade>): number[] =>
      Array.from({ length: 14 }, (_, index) => index + 1).filter(
        (laneAttempts) => afterAttempt(attempt({ ...change, laneAttempts }), noJitter).alarm,
      );
    expect(alarms({ lane: 'fast', type: 'verdict.final' })).toEqual([6]);
    expect(alarms({ lane: 'fast', type: 'verdict.changed' })).toEqual([]);
    expect(alarms({ lane: 'usual', type: 'verdict.final' })).toEqual([]);
    expect(alarms({ lane: 'fast', type: 'verdict.final', status: 204 })).toEqual([]);
  });
});
