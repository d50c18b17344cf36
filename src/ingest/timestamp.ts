/**
 * Nanoseconds since the epoch as two unsigned 32-bit halves, because a Number is exact only to 2⁵³.
 *
 * @returns the millisecond this moment falls into, exact
 */
export function millisecondsOf(high: number, low: number): number {
  return high * 4294 + Math.floor((high * 967_296 + low) / 1e6); // 2³² ns = 4 294.967296 ms
}

/** Nanoseconds from one moment to another; exact up to 104 days. */
export function nanosecondsBetween(fromHigh: number, fromLow: number, toHigh: number, toLow: number): number {
  return (toHigh - fromHigh) * 2 ** 32 + (toLow - fromLow);
}

/** A moment that is not on the hot path. */
export interface Moment {
  readonly high: number;
  readonly low: number;
}

export const momentOf = (nanoseconds: bigint): Moment => ({
  high: Number(BigInt.asUintN(64, nanoseconds) >> 32n),
  low: Number(BigInt.asUintN(32, nanoseconds)),
});

/** The millisecond into which the nanosecond before this moment falls: where a measurement that ends here belongs. */
export function millisecondsBefore({ high, low }: Moment): number {
  if (high === 0 && low === 0) return 0;
  return low === 0 ? millisecondsOf(high - 1, 0xffff_ffff) : millisecondsOf(high, low - 1);
}
