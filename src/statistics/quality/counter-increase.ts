export interface CounterIncrease {
  readonly increase: number;
  /** times that the counter began anew */
  readonly resets: number;
}

/**
 * How much a monotonic counter grew, across restarts of its process.
 *
 * A lower value than before is a restart at 0, so the whole new value counts. Nothing is extrapolated to the edges of a
 * window: fractional events would break exact methods. One counter at a time; sum over pods afterwards.
 *
 * @param samples  in order of time; null and NaN are missing and skipped
 * @returns in the counter's unit; 0 for fewer than two samples
 * @see docs/prometheus.md, how counters are read
 */
export function counterIncrease(samples: readonly (number | null)[]): CounterIncrease {
  let previous: number | null = null;
  let increase = 0;
  let resets = 0;
  for (const sample of samples) {
    if (sample === null || Number.isNaN(sample)) continue;
    if (previous !== null && sample < previous) {
      resets++;
      increase += sample;
    } else if (previous !== null) {
      increase += sample - previous;
    }
    previous = sample;
  }
  return { increase, resets };
}
