import { normalQuantile } from '../special/normal-quantile.js';

/**
 * Margin ratio widened by the differences between pods, so that one unlucky pod is not taken for a bad release.
 *
 * @param ratio  tolerated ratio, > 0
 * @param tau    from podHeterogeneity, ≥ 0
 * @param alpha  in (0, ½]: chance that pods alone exceed the widened margin
 * @returns ratio · exp(z · tau · √(1/pods + 1/pods)), z the normal quantile at 1 − alpha: pods' proportions are taken as log-normal
 * @throws {RangeError} an argument out of range, or a cohort without pods
 * @see docs/statistics.md, what breaks in production
 */
export function effectiveRatio(
  ratio: number,
  tau: number,
  { canaryPods, baselinePods, alpha }: { readonly canaryPods: number; readonly baselinePods: number; readonly alpha: number },
): number {
  if (!(ratio > 0 && tau >= 0)) throw new RangeError(`ratio must be > 0 and tau >= 0, got ${ratio} and ${tau}`);
  if (!(alpha > 0 && alpha <= 0.5)) throw new RangeError(`alpha must be in (0, 0.5], got ${alpha}`);
  if (!(canaryPods >= 1 && baselinePods >= 1)) throw new RangeError(`each cohort needs a pod, got ${canaryPods} and ${baselinePods}`);
  return ratio * Math.exp(-normalQuantile(alpha) * tau * Math.sqrt(1 / canaryPods + 1 / baselinePods));
}
