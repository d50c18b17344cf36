import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Assessment, Decision, Verdict } from '../../src/domain/index.js';
import { takeEveryLook, templateFrom } from '../support/judge-windows.js';
import { closedWindows } from './closed-windows.js';
import { hasIncidentData, loadIncident, sayIncidentDataIsMissing } from './incident-data.js';
import { tracedIncidents } from './incident-table.js';

if (!hasIncidentData) sayIncidentDataIsMissing('recorded incidents by the class of their requests');
const describeIncidents = hasIncidentData ? describe : describe.skip;

/** Verdicts that are right where each class of requests is judged by itself: none of these releases is one that a person would promote. */
const accepted: Readonly<Record<string, readonly Decision[]>> = {
  N01: ['rollback'],
  N02: ['rollback'],
  N04: ['rollback'],
  N08: ['rollback'],
  N12: ['hold'],
  N15: ['hold'],
  N18: ['hold', 'rollback'],
  N21: ['hold', 'rollback'],
  N24: ['hold', 'promote'],
  L01: ['hold', 'rollback'],
  L06: ['hold'],
};

describeIncidents('an incident of which each class of requests is judged by itself', () => {
  const verdicts = new Map<string, Verdict | null>();
  beforeAll(() => {
    const template = templateFrom(join(import.meta.dirname, 'templates/t-slice.yaml'), { service: 'shop' });
    const windowMs = template.schedule.windowSeconds * 1000;
    for (const { id } of tracedIncidents) {
      const windows = closedWindows(loadIncident(id), { startAt: 1_661_256_000_000, service: 'shop', windowMs });
      verdicts.set(id, takeEveryLook(template, windows).verdict);
    }
  }, 60_000);

  const found = (id: string, name: string): Assessment | undefined =>
    verdicts.get(id)?.evidence.find((evidence) => evidence.name === name)?.assessment;

  it.each(tracedIncidents)('$id ($fault) gets a verdict that is right', ({ id }) => {
    expect(accepted[id]).toContain(verdicts.get(id)?.decision);
  });

  it('names the pages that a slow recommendation slows, and none that does without it', () => {
    expect(found('N01', 'median[product] p50')).toBe('harmful');
    expect(verdicts.get('N01')?.reason).toContain('median[product] p50: canary 572 ms against 108 ms');
    expect(found('N01', 'median[home] p50')).toBe('undecided');
    expect(verdicts.get('N01')?.reason).not.toContain('[home]');
  });

  it('sees the slow checkouts of N18 and the slow carts of N21, which are too few to prove anything', () => {
    const values = (id: string, name: string): number[] =>
      [verdicts.get(id)?.evidence.find((evidence) => evidence.name === name)].flatMap((evidence) => [
        evidence?.baseline.value ?? 0,
        evidence?.canary.value ?? 0,
      ]);
    const [before = 0, after = 0] = values('N18', 'median[checkout] p50');
    expect(after / before).toBeGreaterThan(3);
    const [cartBefore = 0, cartAfter = 0] = values('N21', 'median[viewcart] p50');
    expect(cartAfter / cartBefore).toBeGreaterThan(4);
  });

  it('leaves out classes of which fewer than eight requests were seen', () => {
    const few = verdicts
      .get('N01')
      ?.evidence.filter(({ name, baseline, canary }) => /\[/.test(name) && Math.min(baseline.count, canary.count) < 8);
    expect(few?.length).toBeGreaterThan(0);
    expect(few?.map(({ missing }) => missing?.policy)).toEqual(few?.map(() => 'ignore'));
  });
});
