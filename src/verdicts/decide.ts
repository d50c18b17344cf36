import type { Budget, Decision, Evidence, GuardFinding, OnDeadline, ReasonCode, Role, Template, Verdict } from '../domain/index.js';
import { reasonInWords } from './in-words.js';

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
  /** every gating metric is bounded well enough for `promote-if-bounded` */
  readonly bounded?: boolean;
}

/** Where the run stands when a look is taken. */
export interface Standing {
  readonly template: Template;
  /** index of the phase in force; 0 where the template has none */
  readonly phase: number;
  /** from the start of the run to the end of the newest window */
  readonly elapsedSeconds: number;
  readonly warmup: boolean;
  /** no more windows will come: a hold is final */
  readonly lastWindow: boolean;
  /** `bakingSince` of the verdict before; absent or null: it did not bake */
  readonly bakingSince?: number | null;
  /** whether the cohorts can be compared at all; absent: nothing stands against it */
  readonly guards?: readonly GuardFinding[];
}

/** Evidence to verdict: proven harm rolls back; every gating metric safe promotes; anything else holds. Same evidence, same verdict. */
export function decide(standing: Standing, evidence: readonly Evidence[]): Verdict {
  const { template, elapsedSeconds, warmup, guards = [] } = standing;
  const alarms = guards.filter(({ alarm }) => alarm);
  const gating = evidence.filter(({ role }) => role !== 'informational');
  const readable = gating.filter(({ missing }) => missing?.policy !== 'ignore');
  const baking = bakeGoingOn(standing);
  const { decision, code } =
    demandedByMissingData(standing, gating) ??
    verdictOf({
      metrics: gating.map(excused),
      elapsedSeconds,
      warmup,
      budget: template.budget,
      minDurationSeconds: template.schedule.minDurationSeconds,
      deadlineSeconds: deadlineOf(template, baking),
      onDeadline: template.schedule.onDeadline,
      blocker: blockerOf(template, readable, alarms) ?? suspicionOf(gating),
      bounded: readable.length > 0 && readable.every(isBounded) && !isObservational(template, readable),
    });
  const { bakingSince, ...outcome } = inPhase(standing, baking, { decision, code });
  const bakeLeft = bakingSince === null ? 0 : Math.max(0, bakingSince + template.schedule.bakeSeconds - elapsedSeconds);
  const etaSeconds = outcome.final ? null : outcome.code === 'baking' ? bakeLeft : etaOf(readable, elapsedSeconds);
  const reason = reasonInWords(outcome.code, { ...standing, evidence: gating, etaSeconds, guards: alarms });
  const bake = bakingSince === null ? {} : { bakingSince };
  return { ...outcome, reason, score: scoreOf(readable, template.budget), evidence, guards, elapsedSeconds, etaSeconds, ...bake };
}

/** The template may say that missing data is a failure; proven harm still comes first, as its reason is the better one. */
function demandedByMissingData(
  { template, warmup }: Standing,
  gating: readonly Evidence[],
): { decision: Decision; code: ReasonCode } | null {
  const failing = gating.some(({ missing }) => missing?.policy === 'fail');
  if (!failing || warmup || pooledLogHarm(gating) >= Math.log(1 / template.budget.falseRollback)) return null;
  return { decision: 'rollback', code: 'no-data' };
}

/** What stands against promote although each metric by itself may be safe. */
function blockerOf(template: Template, gating: readonly Evidence[], alarms: readonly GuardFinding[]): ReasonCode | null {
  const missing = gating.flatMap((metric) => metric.missing ?? []);
  if (missing.some(({ cause }) => cause === 'unavailable')) return 'source-unavailable';
  if (alarms.some(({ guard }) => guard === 'traffic-mix')) return 'traffic-mix'; // found in what was seen, whatever is missing since
  if (missing.length > 0 || gating.length === 0) return 'no-data';
  if (alarms.length > 0) return 'sample-ratio-mismatch'; // a side that fell silent explains its share
  const safe = (metric: Evidence): boolean => metric.assessment === 'safe';
  if (!gating.every(safe)) return null;
  if (gating.some(({ enoughSamples }) => !enoughSamples)) return 'min-samples';
  return isObservational(template, gating) ? 'observational' : null;
}

/** A metric that may be missing need not be safe; what it proved of harm while it could be read stays proven. */
const excused = (metric: Evidence): WeighedMetric =>
  metric.missing?.policy === 'ignore' ? { ...metric, logSafe: Number.POSITIVE_INFINITY } : metric;

const suspicionOf = (gating: readonly Evidence[]): ReasonCode | null =>
  gating.every(({ assessment, missing }) => assessment === 'safe' || missing?.policy === 'ignore') &&
  gating.some(({ logHarm }) => logHarm >= logHarmVeto)
    ? 'harm-suspected'
    : null;

/** Compared with the past only, and nobody took the risk that something else changed at the same time. */
const isObservational = ({ cohorts }: Template, gating: readonly Evidence[]): boolean =>
  cohorts.baseline?.promote === false && gating.some(({ effectKind }) => effectKind !== 'level');

/** ln 5: evidence for harm too weak to roll back and too strong to promote over. */
const logHarmVeto = Math.log(5);

/** The whole interval lies within twice the margin: what `promote-if-bounded` asks for at the deadline. */
const isBounded = (metric: Evidence): boolean => metric.enoughSamples && metric.missing === null && metric.effect.high <= 2 * metric.margin;

interface Conclusion {
  readonly decision: Decision;
  readonly code: ReasonCode;
}

type Outcome = Conclusion & { readonly final: boolean; readonly bakingSince: number | null };

/** Promote ends the run only in its last phase; before that it lets the next weight begin. */
function inPhase(standing: Standing, baking: number | null, { decision, code }: Conclusion): Outcome {
  const end = (how: Conclusion): Outcome => ({ ...how, final: true, bakingSince: null });
  if (decision === 'promote' && !isLastPhase(standing)) return inEarlyPhase(standing);
  if (decision === 'promote' && code === 'all-safe') return inBake(standing, baking);
  if (decision !== 'hold' || code === 'deadline') return end({ decision, code });
  return standing.lastWindow
    ? end({ decision, code: saysWhy(code) ? code : 'end-of-data' })
    : { decision, code, final: false, bakingSince: baking };
}

/** More data would not have helped: the reason by itself is worth more than that the data ended. */
const saysWhy = (code: ReasonCode): boolean => code === 'sample-ratio-mismatch' || code === 'traffic-mix';

/** Safe by the looser margins of an early phase is never a promise for the whole: only a later phase can end in promote. */
function inEarlyPhase({ template, elapsedSeconds, lastWindow }: Standing): Outcome {
  const { deadlineSeconds, onDeadline } = template.schedule;
  if (elapsedSeconds >= deadlineSeconds)
    return { decision: onDeadline === 'rollback' ? 'rollback' : 'hold', code: 'deadline', final: true, bakingSince: null };
  return lastWindow
    ? { decision: 'hold', code: 'end-of-data', final: true, bakingSince: null }
    : { decision: 'promote', code: 'phase-safe', final: false, bakingSince: null };
}

/** All is safe: the bake begins, goes on or is over. It ends only here, on a look that would promote by itself. */
function inBake({ template, elapsedSeconds, lastWindow }: Standing, baking: number | null): Outcome {
  const since = baking ?? elapsedSeconds;
  if (elapsedSeconds - since >= template.schedule.bakeSeconds)
    return { decision: 'promote', code: 'all-safe', final: true, bakingSince: null };
  return lastWindow
    ? { decision: 'hold', code: 'end-of-data', final: true, bakingSince: null }
    : { decision: 'promote', code: 'baking', final: false, bakingSince: since };
}

const isLastPhase = ({ template, phase }: Standing): boolean => phase >= template.phases.length - 1;

/** When the bake began that still goes on: a step back to a lighter weight ends it, and the last phase begins it anew. */
const bakeGoingOn = (standing: Standing): number | null => (isLastPhase(standing) ? (standing.bakingSince ?? null) : null);

/** A deadline does not cut a bake short. What holds a bake up may last as long as the bake itself; then the run ends as its author declared. */
const deadlineOf = ({ schedule }: Template, baking: number | null): number =>
  baking === null ? schedule.deadlineSeconds : Math.max(schedule.deadlineSeconds, baking + 2 * schedule.bakeSeconds);

/** Seconds until the slowest undecided metric is settled, if the canary's traffic goes on as it was. */
function etaOf(gating: readonly Evidence[], elapsedSeconds: number): number | null {
  const undecided = gating.filter(({ assessment }) => assessment !== 'safe');
  if (undecided.length === 0 || undecided.some(({ neededObservations }) => neededObservations === null)) return null;
  return Math.ceil(
    Math.max(
      ...undecided.map(({ neededObservations, canary }) => ((neededObservations ?? 0) * elapsedSeconds) / Math.max(1, canary.count)),
    ),
  );
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

/** ln of the weighted mean of the e-values for harm; -Infinity where nothing gates. */
export function pooledLogHarm(gating: readonly WeighedMetric[]): number {
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
