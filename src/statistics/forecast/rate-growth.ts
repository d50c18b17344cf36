import type { AffineMargin, Side } from '../betting/affine-margin.js';
import { betCount, betGrids } from '../betting/bet-grid.js';
import type { BetGrowth } from './bet-growth.js';

/**
 * Growth of {@link bet2Poisson}'s bets per unit of the canary's exposure if the rates were these.
 *
 * Assumes events that come one by one; bursts of φ make everything φ times slower.
 *
 * @param rates   events per unit of exposure, ≥ 0
 * @param kappa   canary exposure per baseline exposure, > 0
 * @param margin  ratio > 0; offset in events per unit of exposure
 * @throws {RangeError} an argument out of range
 */
export function rateGrowth(
  rates: { readonly canary: number; readonly baseline: number },
  { kappa, margin, side }: { readonly kappa: number; readonly margin: AffineMargin; readonly side: Side },
): BetGrowth {
  const { canary, baseline } = rates;
  if (!(canary >= 0 && baseline >= 0)) throw new RangeError(`rates must be >= 0, got ${canary} and ${baseline}`);
  if (!(kappa > 0 && margin.ratio > 0)) throw new RangeError(`kappa and ratio must be > 0, got ${kappa} and ${margin.ratio}`);
  const { odds, oddsLessOne } = betGrids[side];
  const split = margin.ratio * kappa;
  return growthOf((k) => {
    const slope = (oddsLessOne[k] as number) / (1 + split * (odds[k] as number));
    const [gain, loss] = [Math.log1p(slope), Math.log1p(-split * slope)];
    return {
      mean: canary * gain + (baseline / kappa) * loss - slope * margin.offset,
      variance: canary * gain ** 2 + (baseline / kappa) * loss ** 2,
    };
  });
}

/**
 * Growth of {@link bet1Poisson}'s bets per unit of exposure if the rate were this.
 *
 * @param rate   events per unit of exposure, ≥ 0
 * @param limit  the same, > 0
 * @throws {RangeError} an argument out of range
 */
export function rateLimitGrowth(rate: number, limit: number, side: Side): BetGrowth {
  if (!(rate >= 0 && limit > 0)) throw new RangeError(`rate must be >= 0 and limit > 0, got ${rate} and ${limit}`);
  const { displacement, oddsLessOne } = betGrids[side];
  return growthOf((k) => {
    const gain = displacement[k] as number;
    return { mean: rate * gain - (oddsLessOne[k] as number) * limit, variance: rate * gain ** 2 };
  });
}

function growthOf(bet: (k: number) => { mean: number; variance: number }): BetGrowth {
  const bets = Array.from({ length: betCount }, (_, k) => bet(k));
  return { mean: Float64Array.from(bets, ({ mean }) => mean), variance: Float64Array.from(bets, ({ variance }) => variance) };
}
