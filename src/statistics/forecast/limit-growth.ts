import type { Side } from '../betting/affine-margin.js';
import { betCount, betGrids } from '../betting/bet-grid.js';
import { type BetGrowth, binary } from './bet-growth.js';

/**
 * Growth of {@link bet1}'s bets per observation if the proportion were this.
 *
 * Assumes independent observations; bursts of φ make everything φ times slower.
 *
 * @param proportion  assumed, in [0, 1]
 * @param limit       in (0, 1)
 * @throws {RangeError} an argument out of range
 */
export function limitGrowth(proportion: number, limit: number, side: Side): BetGrowth {
  if (!(proportion >= 0 && proportion <= 1)) throw new RangeError(`proportion must be in [0, 1], got ${proportion}`);
  if (!(limit > 0 && limit < 1)) throw new RangeError(`limit must be in (0, 1), got ${limit}`);
  const { oddsLessOne } = betGrids[side];
  const mean = new Float64Array(betCount);
  const variance = new Float64Array(betCount);
  for (let k = 0; k < betCount; k++) {
    const slope = (oddsLessOne[k] as number) / (1 + limit * (oddsLessOne[k] as number));
    const growth = binary(proportion, Math.log1p(slope * (1 - limit)), Math.log1p(-slope * limit));
    [mean[k], variance[k]] = [growth.mean, growth.variance];
  }
  return { mean, variance };
}
