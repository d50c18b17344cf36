import type { AffineMargin, Side } from './affine-margin.js';
import { betCount, betGrids } from './bet-grid.js';
import { bet2Slope } from './bet2-slope.js';
import { bet2Stakes } from './bet2-stakes.js';
import type { TwoArmWindow } from './two-arm-window.js';

/**
 * What one window adds to the logarithm of each of the 16 bets: a pure function of the window, so it may be kept and
 * summed over windows in any grouping.
 *
 * Each bet multiplies by at most 1 on average while the null holds, whatever the baseline proportion, the split and
 * the guessed base of this window are. Tempering by 1/phi and the cap only lower it.
 *
 * @param cap   most that one window may add, in nats; null: no limit
 * @param into  16 numbers to write the result to, for a caller that asks often; absent: new ones
 * @returns all 0 where a cohort saw nothing
 * @throws {RangeError} impossible counts or phi < 1
 * @see Turner, Ly & Grünwald (2024), Generic E-variables for exact sequential k-sample tests
 */
export function bet2Increments(
  window: TwoArmWindow,
  margin: AffineMargin,
  side: Side,
  cap: number | null = null,
  into: Float64Array = new Float64Array(betCount),
): Float64Array {
  const { canaryTotal, canaryEvents, baselineTotal, baselineEvents, phi } = window;
  assertCounts(canaryTotal, canaryEvents, phi);
  assertCounts(baselineTotal, baselineEvents, phi);
  if (canaryTotal === 0 || baselineTotal === 0) return into.fill(0);

  const limit = cap ?? Infinity;
  const stakes = bet2Stakes(canaryTotal / baselineTotal, window.base, margin);
  const { odds, oddsLessOne } = betGrids[side];
  const canaryCalm = stakes.canaryCalm === 0 ? 0 : canaryTotal - canaryEvents;
  const baselineCalm = stakes.baselineCalm === 0 ? 0 : baselineTotal - baselineEvents;
  for (let k = 0; k < betCount; k++) {
    const slope = bet2Slope(stakes, odds[k] as number, oddsLessOne[k] as number);
    let sum = 0;
    if (canaryEvents > 0) sum += canaryEvents * Math.log1p(slope * stakes.canaryEvent);
    if (canaryCalm > 0) sum += canaryCalm * Math.log1p(-slope * stakes.canaryCalm);
    if (baselineEvents > 0) sum += baselineEvents * Math.log1p(-slope * stakes.baselineEvent);
    if (baselineCalm > 0) sum += baselineCalm * Math.log1p(slope * stakes.baselineCalm);
    into[k] = Math.min(sum / phi, limit);
  }
  return into;
}

function assertCounts(total: number, events: number, phi: number): void {
  if (!(events >= 0 && events <= total && total < Infinity)) throw new RangeError(`impossible counts: ${events} of ${total}`);
  if (!(phi >= 1)) throw new RangeError(`phi must be >= 1, got ${phi}`);
}
