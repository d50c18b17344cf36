import { logGamma } from '../special/log-gamma.js';

/**
 * Evidence that traffic is not split as declared.
 *
 * Exact at every look for observations that are routed independently; count users where routing is sticky.
 *
 * @param counts         observations of each arm
 * @param expected       declared shares, > 0, sum 1
 * @param concentration  how near the alternatives lie to the declared shares; 200 finds a 4.7 % share declared as 5 %
 * @returns ln E; add over steps where the declared split changes
 * @throws {RangeError} unlike lengths, a share ≤ 0, or a negative count
 * @see Lindon & Malek (2022), Anytime-valid inference for multinomial count data
 */
export function sampleRatioEvidence(counts: readonly number[], expected: readonly number[], concentration = 200): number {
  if (counts.length !== expected.length) throw new RangeError(`${counts.length} counts but ${expected.length} shares`);
  const total = counts.reduce((sum, count) => sum + count, 0);
  let logE = logGamma(concentration) - logGamma(concentration + total);
  counts.forEach((count, i) => {
    const share = expected[i] as number;
    if (!(share > 0 && count >= 0)) throw new RangeError(`shares must be > 0 and counts >= 0, got ${share} and ${count}`);
    logE += logGamma(concentration * share + count) - logGamma(concentration * share) - count * Math.log(share);
  });
  return logE;
}
