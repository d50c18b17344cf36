import { describe, expect, it } from '@jest/globals';
import { runTool } from '../support/run-tool.js';
import { hasIncidentData, sayIncidentDataIsMissing } from './incident-data.js';
import { tracedIncidents } from './incident-table.js';

if (!hasIncidentData) sayIncidentDataIsMissing('healthy halves of recorded traffic');
const describeIncidents = hasIncidentData ? describe : describe.skip;

/** Thousands take `node tools/healthy-halves.mjs`. */
const splits = 200;
const budget = 0.01;

describeIncidents('traffic recorded while all was well, split at random', () => {
  it('is rolled back within the budget: over all stretches, and on each of them', async () => {
    const ids = tracedIncidents.map(({ id }) => id);
    const halves = [ids.filter((_, index) => index % 2 === 0), ids.filter((_, index) => index % 2 === 1)];
    const printed = await Promise.all(halves.map((half) => runTool('healthy-halves.mjs', ['--splits', String(splits), ...half])));
    const rolledBack = printed.flatMap((lines) => [...lines.matchAll(/^\w+: (\d+) rollback/gm)].map(([, count]) => Number(count)));

    expect(rolledBack).toHaveLength(ids.length);
    expect(rolledBack.reduce((sum, count) => sum + count, 0) / (splits * ids.length)).toBeLessThanOrEqual(budget);
    // more than 7 of 200 happen on one stretch in a thousand, if the budget is just met
    expect(Math.max(...rolledBack)).toBeLessThanOrEqual(7);
  }, 300_000);
});
