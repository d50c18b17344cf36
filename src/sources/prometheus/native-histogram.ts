/** A native histogram at one moment: cumulative since its process started. */
export interface NativeHistogram {
  readonly count: number;
  readonly sum: number;
  /** values at or below the zero threshold, negative ones included */
  readonly zeroCount: number;
  readonly scale: number;
  /** bucket index → count; index i holds values in (β^i, β^(i+1)], as in our exponential histograms */
  readonly buckets: ReadonlyMap<number, number>;
}

/**
 * Reads the JSON form of a native histogram: `{count, sum, buckets: [[rule, "low", "high", "n"], …]}`, empty buckets left out.
 * The resolution is not in the JSON; it follows from the ratio of the bounds of any bucket.
 *
 * @returns null: not a histogram, negative or infinite numbers, or bounds that are not powers of 2^(2^-scale) (custom buckets)
 */
export function readNativeHistogram(raw: unknown): NativeHistogram | null {
  const { count, sum, buckets } = raw as { count?: unknown; sum?: unknown; buckets?: unknown };
  const total = Number(count);
  if (!isCount(total) || !(buckets === undefined || Array.isArray(buckets))) return null;

  let zeroCount = 0;
  let scale: number | null = null;
  const found = new Map<number, number>();
  for (const [, low, high, n] of ((buckets ?? []) as unknown[][]).map((bucket) => bucket.map(Number))) {
    if (low === undefined || high === undefined || n === undefined || !isCount(n)) return null;
    if (low <= 0) {
      zeroCount += n;
      continue;
    }
    const own = scaleOf(low, high);
    if (own === null || (scale !== null && own !== scale)) return null;
    scale = own;
    const index = Math.round(Math.log2(low) * 2 ** own);
    found.set(index, (found.get(index) ?? 0) + n);
  }
  return { count: total, sum: Number(sum), zeroCount, scale: scale ?? 8, buckets: found };
}

const isCount = (n: number): boolean => n >= 0 && Number.isFinite(n);

/** -4 … 8 in Prometheus; null where the bounds are no neighbouring powers of 2^(2^-scale). */
function scaleOf(low: number, high: number): number | null {
  const scale = -Math.log2(Math.log2(high / low));
  const whole = Math.round(scale) + 0; // never -0, which is not equal to 0 everywhere
  const position = Math.log2(low) * 2 ** whole;
  const fits = Math.abs(scale - whole) < 1e-3 && Math.abs(position - Math.round(position)) < 1e-3;
  return fits && whole >= -10 && whole <= 20 ? whole : null;
}
