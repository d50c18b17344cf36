// How often does a template roll back, hold or promote in a simulated world? Takes every look of every run.
// Prints one JSON line; `--errors 2` is a canary with twice the errors, without either it is as healthy as its baseline.
import { join } from 'node:path';
import './read-typescript.mjs';
import { badUsage, numberOf, toolOptions } from './tool-options.mjs';

const { takeEveryLook, templateFrom } = await import('../test/support/judge-windows.ts');
const { seededRandom } = await import('../test/support/random.ts');
const { evenWorld, roughWorld, simulateWindows, withHarm } = await import('../test/support/simulate.ts');

const usage = `usage: node tools/simulate-runs.mjs [options]

  --runs N                  (default: 500)
  --seed S                  another course of events (default: 1)
  --world rough|even        bursts of errors, unequal pods, a daily cycle; or none of them (default: rough)
  --requests-per-second N   (default: what the world has)
  --errors K                the canary has K times the errors (default: 1, a healthy canary)
  --slowness K              the canary is K times as slow (default: 1)
  --template FILE           (default: analysis-templates/http-service.yaml)
  --arg NAME=VALUE          may be given more than once (default: service=shop)
  --help

Prints one JSON line. Exit code: 0 counted, 64 bad usage.
`;
const { values } = toolOptions(usage, {
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
const worlds = { rough: roughWorld, even: evenWorld };
if (!Object.hasOwn(worlds, values.world)) badUsage(usage, `--world must be rough or even, got ${values.world}`);
const number = (name, range) => numberOf(usage, values, name, range);
const seed = number('seed', { least: 0, most: 1_000_000, whole: true });
const harm = { errors: number('errors', { least: 0.01, most: 100 }), slowness: number('slowness', { least: 0.01, most: 100 }) };
const template = templateFrom(values.template, Object.fromEntries(values.arg.map((pair) => pair.split('='))));
const { windowSeconds, deadlineSeconds } = template.schedule;
const calm = worlds[values.world]('shop');
const sized = { ...calm, windowSeconds, windows: Math.ceil(deadlineSeconds / windowSeconds) };
const isSaid = values['requests-per-second'] !== undefined;
const requestsPerSecond = isSaid ? number('requests-per-second', { least: 0.001, most: 1_000_000 }) : calm.requestsPerSecond;
const world = withHarm({ ...sized, requestsPerSecond }, harm);

const counted = { runs: number('runs', { least: 1, most: 1_000_000, whole: true }), rollback: 0, hold: 0, promote: 0 };
const looks = [];
for (let run = 0; run < counted.runs; run += 1) {
  const outcome = takeEveryLook(template, simulateWindows(world, seededRandom(seed * 1_000_003 + run)));
  counted[outcome.verdict?.decision ?? 'hold'] += 1;
  looks.push(outcome.looks);
}
looks.sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ ...counted, medianLooks: looks[Math.floor(looks.length / 2)] })}\n`);
