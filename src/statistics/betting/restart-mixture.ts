import { RestartBets } from './restart-bets.js';

/** From this window on (0-based), this share of the capital is at stake; before it the share rests. */
export interface Start {
  readonly index: number;
  readonly weight: number;
}

export interface BetEvidence {
  /** ln E over all starts and bets */
  readonly logE: number;
  /** logarithm of each of the 16 bets of the first start */
  readonly componentLogE: readonly number[];
  /** ln E of each start, in the order given */
  readonly partLogE: readonly number[];
}

/**
 * Evidence of bets that began at several fixed windows, so that a harm which begins late is not drowned by a good past:
 * {@link RestartBets} over all windows at once.
 *
 * @param increments  one array of 16 for each window, also for those that brought nothing
 * @param starts      weights sum to at most 1; one start at 0 when absent
 * @throws {RangeError} weights negative or above 1 in total
 */
export function restartMixture(increments: readonly Float64Array[], starts?: readonly Start[]): BetEvidence {
  const bets = new RestartBets(starts);
  for (const increment of increments) bets.add(increment);
  return bets.evidence();
}
