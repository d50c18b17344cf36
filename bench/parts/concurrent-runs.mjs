import { newRunJudge } from '../../dist/analysis/judge.js';
import { millisecondsOfAllThreads } from './timing.mjs';

const rounds = 2;

/**
 * Microseconds of one look in a service that has `few` runs at a time, and in one that has `many`: as many looks at the same windows, each
 * run with its own judge, memory and garbage collection included. Rounds alternate; the faster one of each counts.
 */
export function lookInFewAndMany(run, windows, { few, many }) {
  const fastest = { few: Infinity, many: Infinity };
  judgeTogether(run, windows, few); // warm-up
  for (let round = 0; round < rounds; round++) {
    fastest.few = Math.min(
      fastest.few,
      perLook(() => judgeInGroups(run, windows, few, many / few)),
    );
    fastest.many = Math.min(
      fastest.many,
      perLook(() => judgeInGroups(run, windows, many, 1)),
    );
  }
  return fastest;

  function perLook(work) {
    return (1000 * millisecondsOfAllThreads(work)) / (many * windows.length);
  }
}

function judgeInGroups(run, windows, size, groups) {
  for (let group = 0; group < groups; group++) judgeTogether(run, windows, size);
}

/** Every window is judged in all runs before the next one comes, as time passes for all of them. */
function judgeTogether(run, windows, size) {
  const judges = Array.from({ length: size }, () => newRunJudge(run, []));
  for (const window of windows) {
    for (const judge of judges) {
      judge.add(window);
      judge.verdict({ intervals: 'none' });
    }
  }
}
