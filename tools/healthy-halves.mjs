// How often would a template roll back a healthy service? Splits recorded healthy traffic at random, thousands of times, takes every look
// and prints a line per stretch.
// With --pairs: each healthy minute of the shop against every other, instead of halves of one. Minutes do differ, so this is no A/A test.
import { join } from 'node:path';
import './read-typescript.mjs';
import { numberOf, toolOptions } from './tool-options.mjs';

const { closedWindows } = await import('../test/incidents/closed-windows.ts');
const { healthyHalves } = await import('../test/incidents/halves.ts');
const { loadIncident } = await import('../test/incidents/incident-data.ts');
const { tracedIncidents } = await import('../test/incidents/incident-table.ts');
const { takeEveryLook, templateFrom } = await import('../test/support/judge-windows.ts');
const { seededRandom } = await import('../test/support/random.ts');

const usage = `usage: node tools/healthy-halves.mjs [options] [ID…]

  --pairs           each healthy minute of the shop against every other, instead of halves of one
  --splits N        of each stretch (default: 2000)
  --seed S          other splits (default: 1)
  --template FILE   (default: test/incidents/templates/t-red.yaml)
  --arg NAME=VALUE  may be given more than once (default: service=shop)
  --help

IDs: see docs/incidents.md. Exit code: 0 within the template's budget, 1 beyond it, 64 bad usage.
`;
const { values, positionals } = toolOptions(usage, {
  allowPositionals: true,
  options: {
    splits: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    pairs: { type: 'boolean', default: false },
    template: { type: 'string', default: join(import.meta.dirname, '../test/incidents/templates/t-red.yaml') },
    arg: { type: 'string', multiple: true, default: ['service=shop'] },
  },
});
const splits = numberOf(usage, values, 'splits', { least: 1, most: 1_000_000, whole: true });
const seed = numberOf(usage, values, 'seed', { least: 0, most: 1_000_000, whole: true });
const template = templateFrom(values.template, Object.fromEntries(values.arg.map((pair) => pair.split('='))));
const windowMs = template.schedule.windowSeconds * 1000;
const startAt = Math.ceil(1_661_256_000_000 / windowMs) * windowMs;
const ids = positionals.length > 0 ? positionals : tracedIncidents.map(({ id }) => id);

const total = { runs: 0, rollback: 0, hold: 0, promote: 0 };
if (values.pairs) {
  const healthy = ids.filter((id) => id.startsWith('N')).map((id) => ({ id, requests: loadIncident(id).requests.baseline }));
  for (const one of healthy)
    for (const other of healthy.filter(({ id }) => id !== one.id)) {
      const pair = { id: one.id, fault: 'none', requests: { baseline: one.requests, canary: other.requests } };
      const decision = takeEveryLook(template, closedWindows(pair, { startAt, service: 'shop', windowMs })).verdict?.decision ?? 'hold';
      if (decision === 'rollback') process.stdout.write(`${other.id} as the canary of ${one.id}: rollback\n`);
      total[decision] += 1;
      total.runs += 1;
    }
  process.stdout.write(
    `${total.rollback} rollback, ${total.hold} hold, ${total.promote} promote of ${total.runs} pairs of healthy minutes\n`,
  );
  process.exit();
}
for (const id of ids) {
  const incident = loadIncident(id);
  const random = seededRandom(seed * 1000 + Number(id.slice(1)));
  const counted = { rollback: 0, hold: 0, promote: 0 };
  for (let split = 0; split < splits; split += 1) {
    const windows = closedWindows(healthyHalves(incident, random), { startAt, service: 'shop', windowMs });
    const decision = takeEveryLook(template, windows).verdict?.decision ?? 'hold';
    counted[decision] += 1;
    total[decision] += 1;
    total.runs += 1;
  }
  process.stdout.write(`${id}: ${counted.rollback} rollback, ${counted.hold} hold, ${counted.promote} promote of ${splits}\n`);
}
const share = total.rollback / total.runs;
process.stdout.write(`${total.rollback} of ${total.runs} healthy halves rolled back (${(100 * share).toFixed(2)} %), `);
process.stdout.write(`budget ${100 * template.budget.falseRollback} %\n`);
process.exitCode = share <= template.budget.falseRollback ? 0 : 1;
