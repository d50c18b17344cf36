import { expect, it } from '@jest/globals';
import { sampleVerdict } from '../../../../test/support/sample-run.js';
import { isOver } from './argo.controller.js';

const now = new Date('2026-03-01T12:00:00.000Z');
const ended = (decision: 'promote' | 'hold' | 'rollback', minutesAgo: number) => ({
  finishedAt: new Date(now.getTime() - minutesAgo * 60_000),
  verdict: sampleVerdict({ decision, final: true }),
});

it('a run answers until nobody can be asking for its reply any more: a promote for minutes, no for an hour', () => {
  expect([ended('promote', 1.9), ended('promote', 2.1)].map((run) => isOver(run, now))).toEqual([false, true]);
  for (const decision of ['rollback', 'hold'] as const)
    expect([ended(decision, 59), ended(decision, 61)].map((run) => isOver(run, now))).toEqual([false, true]);
  expect(isOver({ finishedAt: null, verdict: null }, now)).toBe(false);
});

it('a run answers for as long as its caller asks for', () => {
  expect([ended('promote', 29), ended('promote', 31)].map((run) => isOver(run, now, 30 * 60_000))).toEqual([false, true]);
  expect(isOver(ended('rollback', 59), now, 60_000)).toBe(false);
});
