/**
 * (1 − Φ(z)) / φ(z) of the standard normal, from its continued fraction.
 *
 * @param z  ≥ 3; below that the fraction converges too slowly
 * @see Abramowitz & Stegun 26.2.14
 */
export function millsRatio(z: number): number {
  let fraction = z;
  for (let k = Math.ceil(12 + 900 / (z * z)); k >= 1; k--) fraction = z + k / fraction;
  return 1 / fraction;
}
