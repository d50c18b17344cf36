import { logSumExp } from '../special/log-sum-exp.js';

const rates = Array.from({ length: 12 }, (_, j) => 0.04 * 40 ** (j / 11));

/**
 * Evidence that differences have a positive centre, whatever their variance does.
 *
 * Exact for independent differences that are symmetric under the null; conservative for harm when they are skewed to the
 * right, not to be used for safe then. Grows by at most half a nat per window.
 *
 * @param differences  in order of time
 * @param scale        typical size of a difference, > 0; fixed before the data
 * @param offset       centre under the null
 * @param lag1         autocorrelation known from history, in (−1, 1), for differences that are not independent: the first one then only
 *                     starts the series
 * @returns ln E
 * @throws {RangeError} scale ≤ 0 or NaN
 * @see de la Peña (1999), A general class of exponential inequalities for martingales and ratios
 */
export function selfNormalizedLogE(differences: readonly number[], scale: number, offset: number, lag1: number | null = null): number {
  if (!(scale > 0)) throw new RangeError(`scale must be > 0, got ${scale}`);
  const centred = differences.map((difference) => difference - offset);
  const innovations = lag1 === null ? centred : centred.slice(1).map((value, i) => value - lag1 * (centred[i] as number));
  let sum = 0;
  let squares = 0;
  for (const innovation of innovations) {
    sum += innovation / scale;
    squares += (innovation / scale) ** 2;
  }
  return logSumExp(rates.map((rate) => rate * sum - (rate * rate * squares) / 2)) - Math.log(rates.length);
}
