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

export interface MeansDifference {
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
 * Only sums are kept: a look costs the same however long the run is, at any margin.
 *
 * Why the canary's variance is at least the baseline's: the few observations of a small canary miss the rare large
 * values, and a variance without them triples the false alarms.
 */
export class StratifiedMeans {
  private readonly canary = new OneMean();
  private readonly baseline = new OneMean();
  private information = 0;

  static of(windows: readonly TwoMeansWindow[]): StratifiedMeans {
    const means = new StratifiedMeans();
    for (const window of windows) means.add(window);
    return means;
  }

  /** A window in which a cohort has fewer than two observations is skipped. */
  add({ canary, baseline }: TwoMeansWindow): void {
    if (!(canary.count >= 2 && baseline.count >= 2)) return;
    const weight = (canary.count * baseline.count) / (canary.count + baseline.count);
    this.information += weight;
    this.canary.add(canary, weight);
    this.baseline.add(baseline, weight);
  }

  against({ ratio, offset }: AffineMargin): MeansDifference {
    const { canary, baseline, information } = this;
    if (information === 0) return { information: 0, estimate: 0, varianceWindow: 0, varianceConservative: 0 };
    const baselineVariance = baseline.pooledVariance();
    const canaryVariance = Math.max(canary.pooledVariance(), baselineVariance);
    return {
      information,
      estimate: (canary.weighted - ratio * baseline.weighted) / information - offset,
      varianceWindow: (canary.ownVariance + ratio ** 2 * baseline.ownVariance) / information,
      varianceConservative:
        (canaryVariance * canary.perObservation + ratio ** 2 * baselineVariance * baseline.perObservation) / information,
    };
  }
}

/** Sums of one cohort over its windows; ω is the weight of a window. */
class OneMean {
  /** Σ ω · mean */
  weighted = 0;
  /** Σ ω² / n */
  perObservation = 0;
  /** Σ ω² · variance / n */
  ownVariance = 0;
  private squares = 0;
  private freedom = 0;

  add({ count, mean, variance }: Moments, weight: number): void {
    this.weighted += weight * mean;
    this.perObservation += weight ** 2 / count;
    this.ownVariance += (weight ** 2 * variance) / count;
    this.squares += variance * (count - 1);
    this.freedom += count - 1;
  }

  pooledVariance(): number {
    return this.freedom > 0 ? this.squares / this.freedom : 0;
  }
}
