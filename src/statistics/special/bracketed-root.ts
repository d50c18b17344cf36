/** How close is close enough: the root is within about relative · |x| + absolute. */
export interface Closeness {
  readonly relative: number;
  readonly absolute: number;
}

/**
 * A zero of a continuous function between two points at which it has unlike signs.
 *
 * @param f      also evaluated at both ends
 * @param start  one end
 * @param end    the other end, on either side of `start`
 * @throws {RangeError} f has the same sign at both ends
 * @see Brent (1973), Algorithms for minimization without derivatives; steps and stopping rule as in netlib's zeroin
 */
export function bracketedRoot(f: (x: number) => number, start: number, end: number, { relative, absolute }: Closeness): number {
  let [a, b] = [start, end];
  let [fa, fb] = [f(a), f(b)];
  if (Math.sign(fa) * Math.sign(fb) > 0) throw new RangeError(`no sign change between ${start} and ${end}`);
  let [c, fc] = [a, fa];

  for (let i = 0; i < 1000; i++) {
    const previous = b - a;
    if (Math.abs(fc) < Math.abs(fb)) [a, fa, b, fb, c, fc] = [b, fb, c, fc, b, fb];
    const tolerance = 2 * Number.EPSILON * Math.abs(b) + 0.5 * (relative * Math.abs(b) + absolute);
    const half = (c - b) / 2;
    if (Math.abs(half) <= tolerance || fb === 0) break;

    let step = half;
    if (Math.abs(previous) >= tolerance && Math.abs(fa) > Math.abs(fb)) {
      const guess = interpolated(a, fa, b, fb, c, fc);
      const inside = guess / half > 0 && Math.abs(guess) < 1.5 * Math.abs(half) - tolerance / 2;
      if (inside && Math.abs(guess) < Math.abs(previous) / 2) step = guess;
    }
    [a, fa] = [b, fb];
    b += Math.abs(step) > tolerance ? step : Math.sign(step) * tolerance;
    fb = f(b);
    if (fb > 0 === fc > 0 && fb !== 0) [c, fc] = [a, fa];
  }
  return b;
}

/** Step from b to the zero of the secant (two points) or of the inverse parabola (three). */
function interpolated(a: number, fa: number, b: number, fb: number, c: number, fc: number): number {
  const s = fb / fa;
  if (a === c) return ((c - b) * s) / (s - 1);
  const q = fa / fc;
  const r = fb / fc;
  return (s * ((c - b) * q * (q - r) - (b - a) * (r - 1))) / -((q - 1) * (r - 1) * (s - 1));
}
