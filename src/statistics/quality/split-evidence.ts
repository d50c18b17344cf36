import { logBeta } from '../special/log-beta.js';

/**
 * Evidence that the canary's share of the traffic is outside a band around the declared one.
 *
 * Routing by request is never exact, so a small deviation must not count. Exact for the whole band: the best share inside
 * it is what the evidence is against.
 *
 * @param split      observations of each cohort
 * @param share      declared share of the canary, in (0, 1)
 * @param tolerance  half the width of the band, ≥ 0
 * @returns ln E
 * @throws {RangeError} the band leaves (0, 1)
 * @see docs/statistics.md, sample-ratio mismatch
 */
export function splitEvidence(
  { canary, baseline }: { readonly canary: number; readonly baseline: number },
  share: number,
  tolerance: number,
  concentration = 200,
): number {
  const [lowest, highest] = [share - tolerance, share + tolerance];
  if (!(tolerance >= 0 && lowest > 0 && highest < 1)) throw new RangeError(`band ${lowest}…${highest} must lie in (0, 1)`);
  const total = canary + baseline;
  if (total === 0) return 0;
  const best = Math.min(highest, Math.max(lowest, canary / total));
  const [a, b] = [concentration * share, concentration * (1 - share)];
  return logBeta(a + canary, b + baseline) - logBeta(a, b) - canary * Math.log(best) - baseline * Math.log1p(-best);
}
