// How often does a template roll back, hold or promote in a simulated world? Takes every look of every run. Build first.
//   node tools/simulate-runs.mjs [--runs 500] [--seed 1] [--world rough|even] [--requests-per-second 600]
//                                [--errors 1] [--slowness 1] [--template FILE] [--arg service=shop]
// Prints one JSON line; `--errors 2` is a canary with twice the errors, without either it is as healthy as its baseline.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import './read-typescript.mjs';

const { takeEveryLook, templateFrom } = await import('../test/support/judge-windows.ts');
const { seededRandom } = await import('../test/support/random.ts');
const { evenWorld, roughWorld, simulateWindows, withHarm } = await import('../test/support/simulate.ts');

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    world: { type: 'string', default: 'rough' },
    'requests-per-second': { type: 'string' },
    errors: { type: 'string', default: '1' },
    slowness: { type: 'string', default: '1' },
    template: { type: 'string', default: join(import.meta.dirname, '../analysis-templates/http-service.yaml') },
    arg: { type: 'string', multiple: true, default: ['service=shop'] },
  },
});
const template = templateFrom(values.template, Object.fromEntries(values.arg.map((pair) => pair.split('='))));
const { windowSeconds, deadlineSeconds } = template.schedule;
const calm = values.world === 'even' ? evenWorld('shop') : roughWorld('shop');
const sized = { ...calm, windowSeconds, windows: Math.ceil(deadlineSeconds / windowSeconds) };
const busy = { ...sized, requestsPerSecond: Number(values['requests-per-second'] ?? calm.requestsPerSecond) };
const world = withHarm(busy, { errors: Number(values.errors), slowness: Number(values.slowness) });

const counted = { runs: Number(values.runs), rollback: 0, hold: 0, promote: 0 };
const looks = [];
for (let run = 0; run < counted.runs; run += 1) {
  const outcome = takeEveryLook(template, simulateWindows(world, seededRandom(Number(values.seed) * 1_000_003 + run)));
  counted[outcome.verdict?.decision ?? 'hold'] += 1;
  looks.push(outcome.looks);
}
looks.sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ ...counted, medianLooks: looks[Math.floor(looks.length / 2)] })}\n`);
