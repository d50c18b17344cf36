/**
 * A p-value as evidence, to mix a test that has no e-value with those that have: κ · p^(κ − 1).
 *
 * Valid as the p-value is: for one look at a time that was fixed before the data.
 *
 * @param p      in [0, 1]
 * @param kappa  κ in (0, 1): near 0 pays more for very small p-values
 * @returns ln E; Infinity for p = 0
 * @throws {RangeError} an argument out of range
 * @see Vovk & Wang (2021), E-values: calibration, combination and applications
 */
export function calibratedEvidence(p: number, kappa = 0.5): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], got ${p}`);
  if (!(kappa > 0 && kappa < 1)) throw new RangeError(`kappa must be in (0, 1), got ${kappa}`);
  return Math.log(kappa) + (kappa - 1) * Math.log(p);
}
