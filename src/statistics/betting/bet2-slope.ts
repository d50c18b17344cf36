import type { Bet2Stakes } from './bet2-stakes.js';

/**
 * Share of the capital that the bet at log-odds displacement u stakes: the root s of
 * (1 + sA)(1 + sB) = e^u (1 − sC)(1 − sD) at which every factor is positive.
 *
 * @param stakes       A, B, C, D
 * @param odds         e^u, > 0; below 1 for the side of safety, where the slope is negative
 * @param oddsLessOne  e^u − 1, given apart because the difference cancels for small u
 * @see docs/statistics.md, the worked example
 */
export function bet2Slope(stakes: Bet2Stakes, odds: number, oddsLessOne: number): number {
  const { canaryEvent, canaryCalm, baselineEvent, baselineCalm } = stakes;
  const a = canaryEvent * baselineCalm - odds * canaryCalm * baselineEvent;
  const b = canaryEvent + baselineCalm + odds * (canaryCalm + baselineEvent);
  return (2 * oddsLessOne) / (b + Math.sqrt(b * b + 4 * a * oddsLessOne));
}
