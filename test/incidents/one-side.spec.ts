import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Decision } from '../../src/domain/index.js';
import { takeEveryLook, templateFrom } from '../support/judge-windows.js';
import { closedWindows } from './closed-windows.js';
import { hasIncidentData, loadIncident, sayIncidentDataIsMissing } from './incident-data.js';
import { tracedIncidents } from './incident-table.js';

if (!hasIncidentData) sayIncidentDataIsMissing('latency or errors of recorded incidents alone');
const describeIncidents = hasIncidentData ? describe : describe.skip;

function decide(id: string, name: 't-lat' | 't-err'): Decision | undefined {
  const template = templateFrom(join(import.meta.dirname, `templates/${name}.yaml`), { service: 'shop' });
  const windowMs = template.schedule.windowSeconds * 1000;
  const windows = closedWindows(loadIncident(id), { startAt: 1_661_256_000_000, service: 'shop', windowMs });
  return takeEveryLook(template, windows).verdict?.decision;
}

/** Verdicts that are right on latency alone. */
const byLatency: Readonly<Record<string, readonly Decision[]>> = {
  N01: ['rollback'],
  N02: ['rollback'],
  N04: ['rollback'],
  N08: ['rollback'],
  N12: ['hold'], // faster because it fails
  N15: ['hold', 'promote'], // failing checkouts are not slow
  N18: ['hold'], // few of one kind
  N21: ['hold', 'rollback'],
  N24: ['hold', 'promote'], // lost adverts are not slow
  L01: ['hold', 'rollback'],
  L06: ['hold'],
};

describeIncidents('an incident judged from one side only', () => {
  it.each(tracedIncidents)('$id ($fault) gets a right verdict from its latency alone', ({ id }) => {
    expect(byLatency[id]).toContain(decide(id, 't-lat'));
  });

  it.each(tracedIncidents.filter(({ id }) => id !== 'N15'))('$id never rolls back by its errors, of which there are none', ({ id }) => {
    expect(decide(id, 't-err')).not.toBe('rollback');
  });

  it('N15 is never promoted by its errors', () => {
    expect(decide('N15', 't-err')).not.toBe('promote');
  });
});
