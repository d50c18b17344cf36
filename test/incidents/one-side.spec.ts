import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { takeEveryLook, templateFrom } from '../support/judge-windows.js';
import { closedWindows } from './closed-windows.js';
import { hasIncidentData, loadIncident, sayIncidentDataIsMissing } from './incident-data.js';

if (!hasIncidentData) sayIncidentDataIsMissing('latency or errors of recorded incidents alone');
const describeIncidents = hasIncidentData ? describe : describe.skip;

function decide(id: string, name: 't-lat' | 't-err'): string | undefined {
  const template = templateFrom(join(import.meta.dirname, `templates/${name}.yaml`), { service: 'shop' });
  const windowMs = template.schedule.windowSeconds * 1000;
  const windows = closedWindows(loadIncident(id), { startAt: 1_661_256_000_000, service: 'shop', windowMs });
  return takeEveryLook(template, windows).verdict?.decision;
}

describeIncidents('an incident judged from one side only', () => {
  it.each(['N01', 'N02', 'N04', 'N08'])('%s is rolled back by its latency alone', (id) => {
    expect(decide(id, 't-lat')).toBe('rollback');
  });

  it.each(['N15', 'N18', 'N24'])('%s holds by its latency: failing checkouts, few of one kind and lost adverts are not slow', (id) => {
    expect(decide(id, 't-lat')).toBe('hold');
  });

  it.each(['N01', 'N02', 'N04', 'N08', 'N24'])('%s never rolls back by its errors, of which there are none', (id) => {
    expect(decide(id, 't-err')).not.toBe('rollback');
  });
});
