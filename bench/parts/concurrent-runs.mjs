import { newRunJudge } from '../../dist/analysis/judge.js';
import { millisecondsOfAllThreads } from './timing.mjs';

const rounds = 3;
const windowsBefore = 2;
/** looks that each of many runs takes in a round; few runs take as many as need be for the same clock */
const looksOfMany = 2;
const looksOfFew = 400;

/**
 * Microseconds of one look, up to the bytes of the verdict that is stored, in a service that has `few` runs, and in one that has `many`: each
 * run with its own judge and its own windows, garbage collection included. Judges live on from round to round, as they do in a service; rounds alternate, and the fastest counts.
 */
export function lookInFewAndMany(run, windows, { few, many }) {
  const [small, large] = [judges(run, windows, few), judges(run, windows, many)];
  const fastest = { few: Infinity, many: Infinity };
  for (let round = 0; round < rounds; round++) {
    fastest.few = Math.min(fastest.few, microsecondsOfLook(small, windows, looksOfFew));
    fastest.many = Math.min(fastest.many, microsecondsOfLook(large, windows, looksOfMany));
  }
  return fastest;
}

function judges(run, windows, count) {
  return Array.from({ length: count }, () => {
    const judge = newRunJudge(run, []);
    for (const window of windows.slice(0, windowsBefore)) judge.add(window);
    judge.verdict({ intervals: 'none' });
    return judge;
  });
}

/** Every run is looked at once before the first one is looked at again, as time passes for all of them. */
function microsecondsOfLook(group, windows, looks) {
  let bytes = 0;
  const milliseconds = millisecondsOfAllThreads(() => {
    for (let look = 0; look < looks; look++) {
      for (const [index, judge] of group.entries()) {
        judge.add(windows[(7 * index + look) % windows.length]);
        bytes += JSON.stringify(judge.verdict({ intervals: 'none' })).length;
      }
    }
  });
  if (bytes === 0) throw new Error('no look said anything');
  return (1000 * milliseconds) / (looks * group.length);
}
