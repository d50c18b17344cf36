// What a look costs: in few runs and in many, from scratch, its Mann–Whitney interval against others', and how long it keeps others waiting.
// Each number is the fastest of several rounds, in processor time where a round is long, and ratios are of rounds that alternate:
// they travel between machines, milliseconds do not.
import { judge } from '../dist/analysis/judge.js';
import { lookInFewAndMany } from './parts/concurrent-runs.mjs';
import { longestBlock } from './parts/longest-block.mjs';
import { runOf, tenMixed, tenOf, windowsOf } from './parts/sample-runs.mjs';
import { shiftInterval } from './parts/shift-interval.mjs';
import { best, bestOfLong, oneMillionLogarithms, Report } from './parts/timing.mjs';

const windowCount = 480;
const [few, many] = [10, 10_000];
const report = new Report();

report.line(`yardstick: a million logarithms take ${best(15, oneMillionLogarithms).toFixed(1)} ms here`);

for (const [name, kinds] of [
  ['proportions', tenOf('proportion')],
  ['mixed metrics', tenMixed],
]) {
  const run = runOf(kinds);
  const windows = windowsOf(run, windowCount, 2);
  const milliseconds = bestOfLong(3, () => judge(run, windows, { intervals: 'none' }));
  report.atMost(`${windowCount} windows × 10 ${name} from scratch, without intervals`, milliseconds, 20, ' ms');
}

const percentiles = runOf(tenOf('percentiles'));
const ofPercentiles = windowsOf(percentiles, windowCount, 2);
const alone = bestOfLong(3, () => judge(percentiles, ofPercentiles, { intervals: 'none' }));
report.line(`${windowCount} windows × 10 percentiles from scratch: ${alone.toFixed(1)} ms (no gate: no template has percentiles alone)`);

const mixed = runOf(tenMixed);
const looks = lookInFewAndMany(mixed, windowsOf(mixed, windowCount, 1), { few, many });
report.line(
  `one look at 10 metrics, up to its bytes: ${looks.few.toFixed(0)} µs among ${few} runs, ${looks.many.toFixed(0)} µs among ${many}`,
);
report.atMost(`  ratio of ${many} runs to ${few}`, looks.many / looks.few, 1.5, '');

await shiftInterval(report);

const block = longestBlock(mixed, windowsOf(mixed, windowCount, 3));
report.line(`longest block of the event loop in ${windowCount} looks at 10 metrics: ${block.step}`);
report.atMost('  it takes', block.milliseconds, 20, ' ms');

process.exitCode = report.failed ? 1 : 0;
