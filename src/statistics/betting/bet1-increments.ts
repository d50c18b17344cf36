import type { Side } from './affine-margin.js';
import { betCount, betGrids } from './bet-grid.js';
import type { OneArmWindow } from './two-arm-window.js';

/**
 * What one window adds to the logarithm of each of the 16 bets against an absolute limit.
 *
 * @param limit  proportion in (0, 1)
 * @param cap    most that one window may add, in nats; null: no limit
 * @throws {RangeError} limit outside (0, 1), impossible counts or phi < 1
 * @see bet1, of which this is one window
 */
export function bet1Increments(window: OneArmWindow, limit: number, side: Side, cap: number | null = null): Float64Array {
  const { total, events, phi } = window;
  if (!(limit > 0 && limit < 1)) throw new RangeError(`limit must be in (0, 1), got ${limit}`);
  if (!(events >= 0 && events <= total && total < Infinity)) throw new RangeError(`impossible counts: ${events} of ${total}`);
  if (!(phi >= 1)) throw new RangeError(`phi must be >= 1, got ${phi}`);

  const { oddsLessOne } = betGrids[side];
  const most = cap ?? Infinity;
  return Float64Array.from({ length: betCount }, (_, k) => {
    const slope = (oddsLessOne[k] as number) / (1 + limit * (oddsLessOne[k] as number));
    const sum = events * Math.log1p(slope * (1 - limit)) + (total - events) * Math.log1p(-slope * limit);
    return Math.min(sum / phi, most);
  });
}
