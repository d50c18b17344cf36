/**
 * Mergeable summary of many positive values in base-2 exponential buckets, as in OTLP and Prometheus native histograms.
 * Bucket `offset + i` holds values in (β^(offset+i), β^(offset+i+1)] with β = 2^(2^-scale); values ≤ 0 (or below the
 * zero threshold) are in `zeroCount`. Counts are integers.
 */
export interface ExponentialHistogram {
  readonly kind: 'exponential';
  readonly scale: number;
  readonly zeroCount: number;
  readonly offset: number;
  readonly counts: readonly number[];
}

/** Classic buckets: counts[i] holds values in (bounds[i-1], bounds[i]]; the last count is unbounded above. */
export interface ExplicitHistogram {
  readonly kind: 'explicit';
  /** finite, ascending */
  readonly bounds: readonly number[];
  /** bounds.length + 1 integers */
  readonly counts: readonly number[];
}

/** How many observations fell between which bounds; all values in one unit. */
export type Histogram = ExponentialHistogram | ExplicitHistogram;
