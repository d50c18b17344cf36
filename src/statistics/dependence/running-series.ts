export interface Autocorrelation {
  /** as estimated, in (−1, 1); 0 where there is no spread */
  readonly lag1: number;
  /** corrected for the bias of short series, in [0, 0.98]: negative dependence is never used to narrow anything */
  readonly lag1Corrected: number;
  /** one standard error above the corrected one, in [0, 0.98]: what a test may assume that was given this series to learn from */
  readonly lag1Safe: number;
  /** denominator n − 1 */
  readonly sampleVariance: number;
  /** n times the variance of the mean, taking the series as AR(1) with the corrected lag 1 */
  readonly longRunVarianceAr1: number;
  /** the number of independent values that would tell as much about the mean */
  readonly effectiveSampleSize: number;
}

/**
 * A series of which only its sums are kept, so that one more value costs as much in the first hour as in the last.
 *
 * Sums are taken around the first value: a level of a million that moves by one loses nothing.
 */
export class RunningSeries {
  count = 0;
  private first = 0;
  private last = 0;
  private sum = 0;
  private squares = 0;
  private products = 0;

  static of(values: readonly number[]): RunningSeries {
    const series = new RunningSeries();
    for (const value of values) series.add(value);
    return series;
  }

  /** The next value in time. */
  add(value: number): void {
    if (this.count === 0) this.first = value;
    const moved = value - this.first;
    this.products += moved * this.last; // the first value is moved by 0
    this.sum += moved;
    this.squares += moved * moved;
    this.last = moved;
    this.count += 1;
  }

  /** 0 without values. */
  mean(): number {
    return this.count > 0 ? this.first + this.sum / this.count : 0;
  }

  /** @see autocorrelation */
  autocorrelation(): Autocorrelation {
    const { count, sum } = this;
    if (count < 2) return tooShort;
    const mean = sum / count;
    const squares = Math.max(0, this.squares - count * mean * mean);
    const products = this.products - mean * (2 * sum - this.last) + (count - 1) * mean * mean;
    const lag1 = squares > 0 ? Math.max(-1, Math.min(1, products / squares)) : 0;
    const lag1Corrected = Math.min(0.98, Math.max(0, lag1 + (1 + 3 * lag1) / count));
    const lag1Safe = Math.min(0.98, lag1Corrected + Math.sqrt((1 - lag1Corrected ** 2) / count));
    const sampleVariance = squares / (count - 1);
    const inflation = (1 + lag1Corrected) / (1 - lag1Corrected);
    const longRunVarianceAr1 = sampleVariance * inflation;
    return { lag1, lag1Corrected, lag1Safe, sampleVariance, longRunVarianceAr1, effectiveSampleSize: count / inflation };
  }
}

/** Of one value or none: anything may be. */
const tooShort: Autocorrelation = {
  lag1: 0,
  lag1Corrected: 0,
  lag1Safe: 0.98,
  sampleVariance: 0,
  longRunVarianceAr1: 0,
  effectiveSampleSize: 0,
};
