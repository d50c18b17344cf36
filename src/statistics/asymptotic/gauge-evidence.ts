import type { Side } from '../betting/affine-margin.js';
import type { RunningSeries } from '../dependence/running-series.js';
import { asymptoticLogE } from './asymptotic-log-e.js';
import { type GaugeHistory, gaugeMean } from './gauge-mean.js';

export interface GaugeEvidenceOptions {
  /** error rate that the test is tuned for, in (0, ½) */
  readonly alpha?: number;
  /** number of windows at which the test is sharpest; fixed before the data */
  readonly bestWindows?: number;
  /** null or absent: the noise is learned from the run itself, and the evidence should be labelled uncalibrated */
  readonly history?: GaugeHistory | null;
  /** ≥ 0: the mean must be beyond 0 by this before it is evidence; absent: 0 */
  readonly room?: number;
}

/**
 * Evidence that a level (CPU, heap, queue length) is beyond its margin (harm), or within it (safe).
 *
 * Asymptotic. Shocks that hit both cohorts cancel in the differences; what is left is taken as AR(1). Without history
 * nothing is said before 15 effective values (about 25 windows). Quiet AR(1) series of autocorrelation 0 to .95 are taken
 * for harm in at most 1.1 % of runs at nominal 1 %.
 *
 * @param differences  canary − ratio · baseline − offset of each window, in order of time
 * @returns ln E; 0 where there is too little to judge by, or no spread
 * @see asymptoticLogE, for the sequence; docs/statistics.md, means and gauges
 */
export function gaugeEvidence(
  differences: RunningSeries,
  side: Side,
  { alpha = 0.01, bestWindows = 60, history = null, room = 0 }: GaugeEvidenceOptions = {},
): { logE: number; estimate: number; enough: boolean } {
  const { mean, longRunVariance, enough } = gaugeMean(differences, history);
  const shape = { alpha, bestInformation: bestWindows, oneSided: true };
  const towards = (side === 'harm' ? mean : -mean) - room;
  return { logE: enough ? asymptoticLogE(towards, differences.count, longRunVariance, shape) : 0, estimate: mean, enough };
}
