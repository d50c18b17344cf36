import { wilcoxonRankSum } from 'simple-statistics';
import { shiftRoots } from '../../dist/statistics/classic/shift-roots.js';
import { bracketedRoot } from '../../dist/statistics/special/bracketed-root.js';
import { kayentaInterval } from '../peers/kayenta.mjs';
import { best, bestOfLong, seeded } from './timing.mjs';

const size = 1440;
/** of the 98 % interval that Kayenta computes, and of its centre */
const scores = [2.3263478740408408, -2.3263478740408408, 0];
const tolerance = 1e-4;
const rounds = 5;

/** The Mann–Whitney interval of 1440 values in each arm, ours against others' in alternating rounds of this run. */
export async function shiftInterval(report) {
  const random = seeded(11);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const x = Array.from({ length: size }, () => 105 * Math.exp(0.6 * normal()));
  const y = Array.from({ length: size }, () => 100 * Math.exp(0.6 * normal()));
  const ours = () => shiftRoots(x, y, scores, { continuity: 'sign', tolerance });
  const theirs = () => bySimpleStatistics(x, y);
  refuseUnlike('simple-statistics', theirs(), ours());

  const kayenta = await kayentaInterval(x, y);
  if (typeof kayenta !== 'string') refuseUnlike('Kayenta', (await kayenta.fastest(60)).interval, ours());
  const fastest = { ours: Infinity, simple: Infinity, rankSum: Infinity, kayenta: Infinity };
  for (let round = 0; round < rounds; round++) {
    fastest.ours = Math.min(fastest.ours, best(50, ours));
    fastest.simple = Math.min(fastest.simple, bestOfLong(1, theirs));
    fastest.rankSum = Math.min(
      fastest.rankSum,
      best(10, () => wilcoxonRankSum(x, y)),
    );
    if (typeof kayenta !== 'string') fastest.kayenta = Math.min(fastest.kayenta, (await kayenta.fastest(10)).milliseconds);
  }

  report.line(`Mann–Whitney interval, ${size} values in each arm: ${fastest.ours.toFixed(2)} ms`);
  report.line(
    `  simple-statistics: one rank sum ${fastest.rankSum.toFixed(2)} ms; the interval by searching with it ${fastest.simple.toFixed(1)} ms`,
  );
  report.atLeast('  times faster than by simple-statistics', fastest.simple / fastest.ours, 20, '×');
  if (typeof kayenta === 'string') return report.line(`  skipped: Kayenta's judge (${kayenta})`);
  kayenta.end();
  report.line(`  Kayenta's judge: ${fastest.kayenta.toFixed(1)} ms, the same interval`);
  report.atLeast("  times faster than Kayenta's judge", fastest.kayenta / fastest.ours, 20, '×');
}

/** What the nearest function of simple-statistics can be made to say: it has the rank sum, and neither the score nor the interval. */
function bySimpleStatistics(x, y) {
  const [m, n] = [x.length, y.length];
  const sigma = Math.sqrt((m * n * (m + n + 1)) / 12);
  const score = (shift) => {
    const excess =
      wilcoxonRankSum(
        x.map((value) => value - shift),
        y,
      ) -
      (m * (m + 1)) / 2 -
      (m * n) / 2;
    return (excess - 0.5 * Math.sign(excess)) / sigma;
  };
  const [low, high] = [Math.min(...x) - Math.max(...y), Math.max(...x) - Math.min(...y)];
  return scores.map((wanted) => bracketedRoot((shift) => score(shift) - wanted, low, high, { relative: 0, absolute: tolerance }));
}

function refuseUnlike(name, theirs, ours) {
  const furthest = Math.max(...theirs.map((value, i) => Math.abs(value - ours[i])));
  if (!(furthest <= 2 * tolerance)) throw new Error(`${name} finds another interval: ${theirs.join(' ')} instead of ${ours.join(' ')}`);
}
