import { logSumExp } from '../special/log-sum-exp.js';
import { betCount } from './bet-grid.js';

/** From this window on (0-based), this share of the capital is at stake; before it the share rests. */
export interface Start {
  readonly index: number;
  readonly weight: number;
}

export interface BetEvidence {
  /** ln E over all starts and bets */
  readonly logE: number;
  /** logarithm of each of the 16 bets since window 0 */
  readonly componentLogE: readonly number[];
  /** ln E of each start, in the order given */
  readonly partLogE: readonly number[];
}

const fromTheStart: readonly Start[] = [{ index: 0, weight: 1 }];

/**
 * Evidence of bets that began at several fixed windows, so that a harm which begins late is not drowned by a good past.
 *
 * An e-process under the same null as its increments, provided that the starts were fixed before the data.
 *
 * @param increments  one array of 16 for each window, also for those that brought nothing
 * @param starts      weights sum to at most 1; one start at 0 when absent
 * @throws {RangeError} weights negative or above 1 in total
 * @see Shin, Ramdas & Rinaldo (2022), E-detectors
 */
export function restartMixture(increments: readonly Float64Array[], starts: readonly Start[] = fromTheStart): BetEvidence {
  const weight = starts.reduce((sum, start) => sum + (start.weight >= 0 ? start.weight : Number.NaN), 0);
  if (!(weight <= 1 + 1e-9)) throw new RangeError(`weights of the starts must be >= 0 and sum to at most 1, got ${weight}`);

  const partLogE = new Array<number>(starts.length).fill(0); // a start in the future has won nothing yet
  const latestFirst = starts.map((_, j) => j).sort((a, b) => (starts[b] as Start).index - (starts[a] as Start).index);
  const sums = new Float64Array(betCount);
  let from = increments.length;
  const addDownTo = (index: number): void => {
    while (from > index) {
      const increment = increments[--from] as Float64Array;
      for (let k = 0; k < betCount; k++) sums[k] = (sums[k] as number) + (increment[k] as number);
    }
  };
  for (const j of latestFirst) {
    const { index } = starts[j] as Start;
    if (index >= increments.length) continue;
    addDownTo(index);
    partLogE[j] = logSumExp(sums) - Math.log(betCount);
  }
  addDownTo(0);
  const logE = logSumExp(partLogE.map((part, j) => part + Math.log((starts[j] as Start).weight)));
  return { logE, componentLogE: Array.from(sums), partLogE };
}
