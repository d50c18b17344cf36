/**
 * x ln(x / expected) + expected − x, exact to rounding also where x is close to expected.
 *
 * @param x         ≥ 0
 * @param expected  > 0
 * @see Loader (2000), Fast and accurate computation of binomial probabilities
 */
export function binomialDeviance(x: number, expected: number): number {
  if (Math.abs(x - expected) >= 0.1 * (x + expected)) return x === 0 ? expected : x * Math.log(x / expected) + expected - x;

  const ratio = (x - expected) / (x + expected);
  let sum = (x - expected) * ratio;
  let term = 2 * x * ratio;
  for (let k = 3; ; k += 2) {
    term *= ratio * ratio;
    const next = sum + term / k;
    if (next === sum) return sum;
    sum = next;
  }
}
