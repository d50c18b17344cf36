import type { Decision, Evidence, GuardFinding, ReasonCode, Template, Verdict } from '../domain/index.js';
import { hasTooFewPods } from './canary-pods.js';
import { reasonInWords } from './in-words.js';
import { bakeGoingOn, deadlineOf, inPhase, type Standing } from './phases-and-bake.js';
import { pooledLogHarm, scoreOf, verdictOf, type WeighedMetric } from './verdict-of.js';
import { isWithinDeadlineMargin, logHarmVeto } from './within-deadline-margin.js';

/** Evidence to verdict: proven harm rolls back; every gating metric safe promotes; anything else holds. Same evidence, same verdict. */
export function decide(standing: Standing, evidence: readonly Evidence[]): Verdict {
  const { template, elapsedSeconds, warmup, guards = [] } = standing;
  const doubts = guards.filter(({ alarm, suspected }) => alarm || suspected);
  const gating = evidence.filter(({ role }) => role !== 'informational');
  const readable = gating.filter(({ missing }) => missing?.policy !== 'ignore');
  const baking = bakeGoingOn(standing);
  const blocker = blockerOf(template, readable, doubts) ?? suspicionOf(gating);
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
      blocker,
      bounded: doubts.length === 0 && isWithinDeadlineMargin(template, readable, gating) && !hasTooFewPods(template, readable),
    });
  const { bakingSince, ...outcome } = inPhase(standing, baking, { decision, code });
  const bakeLeft = bakingSince === null ? 0 : Math.max(0, bakingSince + template.schedule.bakeSeconds - elapsedSeconds);
  const etaSeconds = outcome.final ? null : outcome.code === 'baking' ? bakeLeft : etaOf(template, readable, elapsedSeconds);
  const told = outcome.code === 'harm-evidence' || readable.length === 0 ? gating : readable; // what is left out explains no hold
  const heldBy = blocker ?? (code === 'min-duration' || code === 'all-safe' ? code : null);
  const about = { ...standing, decision: outcome.decision, evidence: told, etaSeconds, guards: doubts, heldBy };
  const reason = reasonInWords(outcome.code, about);
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
function blockerOf(template: Template, gating: readonly Evidence[], doubts: readonly GuardFinding[]): ReasonCode | null {
  const alarms = doubts.filter(({ alarm }) => alarm);
  const missing = gating.flatMap((metric) => metric.missing ?? []);
  if (missing.some(({ cause }) => cause === 'unavailable')) return 'source-unavailable';
  if (alarms.some(({ guard }) => guard === 'traffic-mix')) return 'traffic-mix'; // found in what was seen, whatever is missing since
  if (missing.length > 0 || gating.length === 0) return 'no-data';
  if (alarms.length > 0) return 'sample-ratio-mismatch'; // a side that fell silent explains its share
  const safe = (metric: Evidence): boolean => metric.assessment === 'safe';
  if (!gating.every(safe)) return null;
  if (doubts.length > 0) return doubts.some(({ guard }) => guard === 'traffic-mix') ? 'traffic-mix' : 'sample-ratio-mismatch';
  if (gating.some(({ enoughSamples }) => !enoughSamples) || hasTooFewPods(template, gating)) return 'min-samples';
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

/** Seconds until the slowest undecided metric is settled, if the canary's traffic goes on as it was since the warm-up. */
function etaOf({ schedule }: Template, gating: readonly Evidence[], elapsedSeconds: number): number | null {
  const undecided = gating.filter(({ assessment }) => assessment !== 'safe');
  if (undecided.length === 0 || undecided.some(({ neededObservations }) => neededObservations === null)) return null;
  const counted = Math.max(0, elapsedSeconds - schedule.warmupSeconds);
  const left = undecided.map(({ neededObservations, canary }) => ((neededObservations ?? 0) * counted) / Math.max(1, canary.count));
  return Math.ceil(Math.max(schedule.minDurationSeconds - elapsedSeconds, ...left));
}
