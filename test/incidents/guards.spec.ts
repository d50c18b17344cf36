import { describe, expect, it } from '@jest/globals';
import type { ClosedWindow, Verdict } from '../../src/domain/index.js';
import { takeEveryLook, templateFrom } from '../support/judge-windows.js';
import { seededRandom } from '../support/random.js';
import { closedWindows } from './closed-windows.js';
import { healthyHalves } from './halves.js';
import type { Incident } from './incident.js';
import { hasIncidentData, loadIncident, sayIncidentDataIsMissing } from './incident-data.js';
import { tracedIncidents } from './incident-table.js';

if (!hasIncidentData) sayIncidentDataIsMissing('guards on recorded traffic');
const describeIncidents = hasIncidentData ? describe : describe.skip;

const template = templateFrom('test/incidents/templates/t-red.yaml', { service: 'shop' });
const windowsOf = (incident: Incident): Iterable<ClosedWindow> =>
  closedWindows(incident, { startAt: Date.UTC(2022, 7, 23, 12), service: 'shop', windowMs: 5000 });
const alarms = (verdict: Verdict | null): string[] => (verdict?.guards ?? []).filter(({ alarm }) => alarm).map(({ guard }) => guard);

describeIncidents('the mix of recorded traffic', () => {
  it('holds the front end that got faster because it fails, and names the routes', () => {
    const { verdict } = takeEveryLook(template, windowsOf(loadIncident('N12')));
    expect(verdict).toMatchObject({ decision: 'hold', code: 'traffic-mix' });
    expect(verdict?.reason).toMatch(/route static: 5\d % of canary requests against 7\.\d % of baseline/);
  });

  it.each([
    ['its mean', { kind: 'mean' as const }],
    ['its median', { kind: 'percentiles' as const }],
  ])('never promotes it by %s, however short the run', (_, { kind }) => {
    const early = {
      ...template,
      schedule: { ...template.schedule, minDurationSeconds: 5, minSamples: 100 },
      metrics: template.metrics
        .slice(0, 1)
        .map((median) => (kind === 'mean' && median.kind === 'percentiles' ? { ...median, kind } : median)),
    };
    const { verdict } = takeEveryLook(early, windowsOf(loadIncident('N12')));
    expect(verdict?.evidence.map(({ assessment }) => assessment)).toContain('safe');
    expect(verdict).toMatchObject({ decision: 'hold', code: 'traffic-mix' });
    const windows = [...windowsOf(loadIncident('N12'))];
    for (let looks = 1; looks <= 10; looks += 1) {
      const cut = takeEveryLook(early, windows.slice(0, looks)).verdict;
      expect(cut?.decision).toBe('hold');
      for (const { detail } of cut?.guards ?? []) expect(detail).not.toContain('the same mix');
    }
  });

  it.each(tracedIncidents.filter(({ id }) => id !== 'N12'))('is the same on both sides of $id ($fault)', ({ id }) => {
    expect(alarms(takeEveryLook(template, windowsOf(loadIncident(id))).verdict)).toEqual([]);
  });

  it('is the same in halves of healthy traffic', () => {
    const splits = tracedIncidents.flatMap(({ id }) => {
      const incident = loadIncident(id);
      const random = seededRandom(Number(id.slice(1)));
      return Array.from({ length: 6 }, () => alarms(takeEveryLook(template, windowsOf(healthyHalves(incident, random))).verdict).length);
    });
    expect(splits.filter((count) => count > 0).length / splits.length).toBeLessThanOrEqual(0.005);
  }, 300_000);
});
