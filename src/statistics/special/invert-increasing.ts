/**
 * The x > 0 at which an increasing function reaches a level, to about 1e-15 of x.
 *
 * Bisection of the exponent until the bracket is within a factor of two, then of the value; Newton's steps where they
 * stay inside the bracket.
 *
 * @param increasing  from 0 at x = 0 to above `level` at `high`
 * @param slope       its derivative; may be inexact, it only sets the speed
 * @param level       value to reach
 * @param high        upper end of the search
 */
export function invertIncreasing(increasing: (x: number) => number, slope: (x: number) => number, level: number, high: number): number {
  let low = 0;
  let top = high;
  let x = top / 2;
  for (let i = 0; i < 2000; i++) {
    const excess = increasing(x) - level;
    if (excess > 0) top = x;
    else low = x;
    const newton = x - excess / slope(x);
    if (Math.abs(newton - x) <= 1e-15 * x || top - low <= 1e-15 * x) return x;
    const next = newton > low && newton < top ? newton : between(low, top);
    x = next;
  }
  return x;
}

function between(low: number, high: number): number {
  if (high < 2 * low) return (low + high) / 2;
  return low > 0 ? Math.sqrt(low) * Math.sqrt(high) : high / 1024;
}
