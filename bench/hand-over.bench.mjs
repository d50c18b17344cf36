// What the main thread pays for telemetry that other threads received: merging their parts into the open windows, and
// closing these. It serves the API as well, so the yardstick is a bare sum of the numbers that are merged, in rounds that alternate.
import { WindowCollectorOf } from './parts/collected-parts.mjs';
import { best, Report } from './parts/timing.mjs';

const report = new Report();
for (const [series, cohortCap] of [
  [1_000, 20_000],
  [10_000, 20_000],
  [10_000, 1_000],
]) {
  const rig = new WindowCollectorOf(series, cohortCap);
  const [merging, summing] = [[], []];
  for (let round = 0; round < 5; round++) {
    rig.begin();
    merging.push(best(8, () => rig.merge()));
    summing.push(best(8, () => rig.sum()));
  }
  const [merged, summed] = [Math.min(...merging), Math.min(...summing)];
  report.line(
    `${series} series, ${cohortCap} allowed in a cohort: a part is merged in ${merged.toFixed(2)} ms, its numbers are summed in ${summed.toFixed(3)} ms; windows close in ${rig.closing().toFixed(1)} ms`,
  );
  report.line(`  the longest step of it takes ${rig.longestStep().toFixed(2)} ms; others are served between steps`);
  report.atMost(`  merging ÷ summing`, merged / summed, 40, '');
}
process.exitCode = report.failed ? 1 : 0;
