import { logSumExp } from '../special/log-sum-exp.js';

/**
 * Evidence that at least one of several nulls is false: the weighted mean of their e-values.
 *
 * Valid however the metrics depend on each other; rejects whenever a Bonferroni test with the same weights does.
 *
 * @param logEvidence  ln E of each
 * @param weights      > 0; equal when absent
 * @returns ln of the mean; -Infinity for none
 * @see Vovk & Wang (2021), E-values: calibration, combination and applications
 */
export function weightedMeanEvidence(logEvidence: readonly number[], weights: readonly number[] = logEvidence.map(() => 1)): number {
  if (logEvidence.length === 0) return -Infinity;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return logSumExp(logEvidence.map((logE, i) => logE + Math.log(weights[i] as number))) - Math.log(total);
}
