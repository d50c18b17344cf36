import { logGamma } from './log-gamma.js';

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/**
 * What Stirling's formula misses: ln Γ(x + 1) − [(x + ½) ln x − x + ½ ln 2π].
 *
 * Kept apart from {@link logGamma} because densities of large counts need it without the cancellation.
 *
 * @param x > 0
 * @see Loader (2000), Fast and accurate computation of binomial probabilities
 */
export function stirlingError(x: number): number {
  if (x < 12) return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - halfLogTwoPi;
  const square = 1 / (x * x);
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188 - (691 / 360360) * square) * square) * square) * square) * square) / x;
}
