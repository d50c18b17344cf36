import type { Budget, Decision, OnDeadline, ReasonCode, Role } from '../domain/index.js';

/** What the decision needs to know of one metric. E-values as natural logarithms; -Infinity is "impossible so far". */
export interface WeighedMetric {
  readonly role: Role;
  /** share of the rollback budget, > 0 */
  readonly weight: number;
  readonly logHarm: number;
  readonly logSafe: number;
}

export interface DecisionInput {
  readonly metrics: readonly WeighedMetric[];
  readonly elapsedSeconds: number;
  readonly warmup: boolean;
  readonly budget: Budget;
  readonly minDurationSeconds: number;
  readonly deadlineSeconds: number;
  readonly onDeadline: OnDeadline;
  /** why promote is not allowed although every metric is safe; null: nothing stands against it */
  readonly blocker?: ReasonCode | null;
  /** every gating metric is shown to be within its deadline margin, and none looks harmful */
  readonly bounded?: boolean;
}

/**
 * The verdict on weighed evidence: proven harm rolls back, every gating metric safe promotes, anything else holds.
 *
 * The comparisons are ≥ and their order is the specification. Rollback pools the metrics by the weighted mean of their
 * e-values, which is an e-value under any dependence; promote needs each metric on its own (intersection–union), so
 * neither needs a correction for looks or metrics.
 *
 * @see Vovk & Wang (2021), E-values: calibration, combination and applications, doi:10.1214/20-AOS2020
 */
export function verdictOf(input: DecisionInput): { decision: Decision; code: ReasonCode } {
  const { budget, elapsedSeconds, blocker = null, bounded = false } = input;
  const gating = input.metrics.filter((metric) => metric.role !== 'informational');
  const allSafe = gating.length > 0 && gating.every((metric) => metric.logSafe >= Math.log(1 / budget.falsePromote));

  if (input.warmup) return { decision: 'hold', code: 'warmup' };
  if (pooledLogHarm(gating) >= Math.log(1 / budget.falseRollback)) return { decision: 'rollback', code: 'harm-evidence' };
  if (gating.length === 0) return atDeadline(input, 'no-data', false);
  if (allSafe && !blocker && elapsedSeconds >= input.minDurationSeconds) return { decision: 'promote', code: 'all-safe' };
  if (elapsedSeconds < input.minDurationSeconds && !blocker) return atDeadline(input, 'min-duration', false);
  return atDeadline(input, blocker ?? 'insufficient-evidence', bounded && !blocker);
}

/**
 * ln of the e-value of a whole run for harm: the weighted mean over all metrics that gate, those that may be missing too, as what
 * one proved while it could be read stays proven. -Infinity where nothing gates.
 */
export function pooledLogHarm(metrics: readonly WeighedMetric[]): number {
  const gating = metrics.filter(({ role }) => role !== 'informational');
  const total = gating.reduce((sum, metric) => sum + metric.weight, 0);
  const largest = Math.max(...gating.map((metric) => metric.logHarm));
  if (!(total > 0) || largest === Number.NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  if (largest === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const mean = gating.reduce((sum, metric) => sum + (metric.weight / total) * Math.exp(metric.logHarm - largest), 0);
  return largest + Math.log(mean);
}

/** A hold that has reached its deadline becomes what the author declared, and never a silent promote. */
function atDeadline(input: DecisionInput, code: ReasonCode, bounded: boolean): { decision: Decision; code: ReasonCode } {
  if (input.elapsedSeconds < input.deadlineSeconds) return { decision: 'hold', code };
  if (input.onDeadline === 'rollback') return { decision: 'rollback', code: 'deadline' };
  if (input.onDeadline === 'promote-if-bounded' && bounded) return { decision: 'promote', code: 'deadline' };
  return { decision: 'hold', code: 'deadline' };
}

/** 0 (harm proven) to 100 (all safe), 50 where nothing is known; the weighted mean over the gating metrics. */
export function scoreOf(gating: readonly WeighedMetric[], budget: Budget): number {
  const total = gating.reduce((sum, metric) => sum + metric.weight, 0);
  if (!(total > 0)) return 0;
  const scores = gating.map(({ logHarm, logSafe, weight }) => {
    const safe = Math.min(1, Math.max(0, logSafe) / Math.log(1 / budget.falsePromote));
    const harm = Math.min(1, Math.max(0, logHarm) / Math.log(total / (weight * budget.falseRollback)));
    return (weight / total) * (0.5 + 0.5 * (safe - harm));
  });
  return Math.round(
    100 *
      Math.min(
        1,
        Math.max(
          0,
          scores.reduce((sum, score) => sum + score, 0),
        ),
      ),
  );
}
