import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { takeEveryLook, templateFrom } from '../support/judge-windows.js';
import { seededRandom } from '../support/random.js';
import { closedWindows } from './closed-windows.js';
import { healthyHalves } from './halves.js';
import { hasIncidentData, loadIncident, sayIncidentDataIsMissing } from './incident-data.js';
import { tracedIncidents } from './incident-table.js';

if (!hasIncidentData) sayIncidentDataIsMissing('healthy halves of recorded traffic');
const describeIncidents = hasIncidentData ? describe : describe.skip;

/** Thousands take `node tools/healthy-halves.mjs`. */
const splits = 100;
const template = templateFrom(join(import.meta.dirname, 'templates/t-red.yaml'), { service: 'shop' });
const windowMs = template.schedule.windowSeconds * 1000;

describeIncidents('traffic recorded while all was well, split at random', () => {
  const rolledBack = new Map<string, number>();

  it.each(tracedIncidents)('before $id is hardly ever rolled back', ({ id }) => {
    const incident = loadIncident(id);
    const random = seededRandom(Number(id.slice(1)));
    const verdicts = Array.from({ length: splits }, () => {
      const windows = closedWindows(healthyHalves(incident, random), { startAt: 1_661_256_000_000, service: 'shop', windowMs });
      return takeEveryLook(template, windows).verdict?.decision;
    });
    rolledBack.set(id, verdicts.filter((decision) => decision === 'rollback').length);

    // more than 5 of 100 happen once in 2 000 stretches, if the budget is just met
    expect(rolledBack.get(id)).toBeLessThanOrEqual(5);
  });

  it('stays within the budget of false rollbacks over all stretches', () => {
    const total = [...rolledBack.values()].reduce((sum, count) => sum + count, 0);

    expect(rolledBack.size).toBe(tracedIncidents.length);
    expect(total / (splits * rolledBack.size)).toBeLessThanOrEqual(template.budget.falseRollback);
  });
});
