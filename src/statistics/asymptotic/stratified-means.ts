import type { AffineMargin } from '../betting/affine-margin.js';

/** Observations of one cohort in one window. */
export interface Moments {
  readonly count: number;
  /** in any unit u */
  readonly mean: number;
  /** sample variance (denominator count − 1), in u² */
  readonly variance: number;
}

export interface TwoMeansWindow {
  readonly canary: Moments;
  readonly baseline: Moments;
}

export interface StratifiedMeans {
  /** t = Σ n_c n_b / (n_c + n_b) */
  readonly information: number;
  /** weighted mean over windows of canary − ratio · baseline − offset; 0 without information */
  readonly estimate: number;
  /** of one unit of information, from each window's own variances; too small for skewed values */
  readonly varianceWindow: number;
  /** the same from variances pooled inside windows, the canary's being at least the baseline's: use this one */
  readonly varianceConservative: number;
}

/**
 * Difference of two means, compared window by window, so that neither a changing split nor a drifting mean biases it.
 *
 * Why the canary's variance is at least the baseline's: the few observations of a small canary miss the rare large
 * values, and a variance without them triples the false alarms.
 *
 * @param windows  those with fewer than two observations in a cohort are skipped
 */
export function stratifiedMeans(windows: readonly TwoMeansWindow[], { ratio, offset }: AffineMargin): StratifiedMeans {
  const usable = windows.filter(({ canary, baseline }) => canary.count >= 2 && baseline.count >= 2);
  const baselineVariance = pooledVariance(usable.map((window) => window.baseline));
  const canaryVariance = Math.max(pooledVariance(usable.map((window) => window.canary)), baselineVariance);
  let information = 0;
  let weighted = 0;
  let window = 0;
  let conservative = 0;
  for (const { canary, baseline } of usable) {
    const weight = (canary.count * baseline.count) / (canary.count + baseline.count);
    information += weight;
    weighted += weight * (canary.mean - ratio * baseline.mean - offset);
    window += weight ** 2 * (canary.variance / canary.count + (ratio ** 2 * baseline.variance) / baseline.count);
    conservative += weight ** 2 * (canaryVariance / canary.count + (ratio ** 2 * baselineVariance) / baseline.count);
  }
  if (information === 0) return { information: 0, estimate: 0, varianceWindow: 0, varianceConservative: 0 };
  return {
    information,
    estimate: weighted / information,
    varianceWindow: window / information,
    varianceConservative: conservative / information,
  };
}

function pooledVariance(samples: readonly Moments[]): number {
  const squares = samples.reduce((sum, { count, variance }) => sum + variance * (count - 1), 0);
  const freedom = samples.reduce((sum, { count }) => sum + count - 1, 0);
  return freedom > 0 ? squares / freedom : 0;
}
