import { newRunJudge } from '../../dist/analysis/judge.js';
import { atMostMilliseconds } from './timing.mjs';

const repeats = 3;

/**
 * The longest stretch for which a look keeps everybody else waiting, in milliseconds: the look itself as live runs take it, or one step of
 * what the final verdict needs. The run is repeated and the fastest time of each step counts: what is left is the step's own.
 */
export function longestBlock(run, windows) {
  const fastest = new Map();
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [step, milliseconds] of stepsOf(run, windows)) fastest.set(step, Math.min(milliseconds, fastest.get(step) ?? Infinity));
  }
  const [step, milliseconds] = [...fastest].reduce((worst, one) => (one[1] > worst[1] ? one : worst));
  return { step, milliseconds };
}

function* stepsOf(run, windows) {
  const judge = newRunJudge(run, []);
  for (const [index, window] of windows.entries()) {
    yield [
      `look ${index + 1}`,
      atMostMilliseconds(() => {
        judge.add(window);
        judge.verdict({ intervals: 'recent' });
      }),
    ];
  }
  const settling = judge.settle()[Symbol.iterator]();
  for (let done = false, step = 1; !done; step++) {
    yield [
      `step ${step} of the final intervals`,
      atMostMilliseconds(() => {
        done = settling.next().done;
      }),
    ];
  }
  yield ['the final verdict', atMostMilliseconds(() => judge.verdict({ intervals: 'exact' }))];
}
