import { chiSquareQuantile } from '../special/chi-square-quantile.js';

const known: number[] = [];

/**
 * Factor that turns an estimated dispersion into one that the truth does not exceed with about 90 % confidence.
 *
 * Neighbouring differences share a window, so J windows are worth 2(J − 1)/3 independent ones. Answers are remembered:
 * every look asks for the same few hundred.
 *
 * @param windows  number of windows that the estimate came from; Infinity below 2
 */
export function dispersionSafetyFactor(windows: number): number {
  if (windows < 2) return Infinity;
  const freedom = (2 * (windows - 1)) / 3;
  known[windows] ??= freedom / chiSquareQuantile(0.1, freedom);
  return known[windows];
}
