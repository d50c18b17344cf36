/**
 * Chance that U is at most u for samples of m and n untied values, for every u from 0 to m · n.
 *
 * @see Mann & Whitney (1947); the counts are the coefficients of a Gaussian binomial
 */
export function mannWhitneyCumulative(m: number, n: number): Float64Array {
  const chances = new Float64Array(m * n + 1);
  chances[0] = 1;
  for (let i = 1; i <= m; i++) {
    for (let u = m * n; u >= n + i; u--) chances[u] = (chances[u] as number) - (chances[u - n - i] as number);
    for (let u = i; u <= m * n; u++) chances[u] = (chances[u] as number) + (chances[u - i] as number);
    const scale = i / (n + i);
    for (let u = 0; u <= m * n; u++) chances[u] = (chances[u] as number) * scale;
  }
  for (let u = 1; u <= m * n; u++) chances[u] = (chances[u] as number) + (chances[u - 1] as number);
  return chances;
}
