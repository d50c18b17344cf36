import { quantileBand } from './quantile-band.js';

export interface StochasticOrder {
  /** how far x's distribution function falls below y's at most: how much larger x is, in shares of the observations; ≥ 0 */
  readonly excess: number;
  /** sum of the half widths of both bands: more than this is no chance */
  readonly tolerated: number;
  /** x has more large values than y somewhere, with a chance of error of at most alpha over all looks */
  readonly larger: boolean;
}

/**
 * Whether one sample has more large values than another at any quantile, at every number of observations.
 *
 * Two bands around the empirical distribution functions that separate somewhere. Assumes independent observations whose
 * distributions do not change over time, which the exceedance gate does not need: for reports on stationary data.
 *
 * @param alpha  chance of a false answer at any look, in (0, 1)
 * @throws {RangeError} an empty sample, or alpha out of range
 * @see Lindon, Sanden & Shirikian (2022), Rapid regression detection in software deployments through sequential testing
 */
export function stochasticOrder(x: readonly number[], y: readonly number[], alpha: number): StochasticOrder {
  if (x.length === 0 || y.length === 0) throw new RangeError('both samples need values');
  const tolerated = quantileBand(x.length, alpha / 2).epsilon + quantileBand(y.length, alpha / 2).epsilon;
  const excess = largestExcess(x, y);
  return { excess, tolerated, larger: excess > tolerated };
}

/** max over v of F_y(v) − F_x(v). */
function largestExcess(x: readonly number[], y: readonly number[]): number {
  const [first, second] = [Float64Array.from(x).sort(), Float64Array.from(y).sort()];
  let [i, largest] = [0, 0];
  for (let j = 0; j < second.length; j++) {
    const value = second[j] as number;
    while (i < first.length && (first[i] as number) <= value) i++;
    if (second[j + 1] !== value) largest = Math.max(largest, (j + 1) / second.length - i / first.length);
  }
  return largest;
}
