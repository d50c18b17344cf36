import type { Side } from './affine-margin.js';

/** Number of bets that run side by side; each starts with 1/16 of the capital. */
export const betCount = 16;

/** The bets: how far beyond the margin, in log-odds, each of them assumes the canary to be. */
export interface BetGrid {
  /** u */
  readonly displacement: Float64Array;
  /** e^u */
  readonly odds: Float64Array;
  /** e^u − 1 */
  readonly oddsLessOne: Float64Array;
}

/** u_k = ±0.05 · 92^(k/15), from a hardly visible harm to odds a hundred times worse. */
export const betGrids: Readonly<Record<Side, BetGrid>> = { harm: gridOf(1), safe: gridOf(-1) };

function gridOf(sign: number): BetGrid {
  const displacement = Float64Array.from({ length: betCount }, (_, k) => sign * 0.05 * 92 ** (k / (betCount - 1)));
  return { displacement, odds: displacement.map(Math.exp), oddsLessOne: displacement.map(Math.expm1) };
}
