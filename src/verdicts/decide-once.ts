import { type Evidence, type GuardFinding, notUnderPeeking, type ReasonCode, type Verdict } from '../domain/index.js';
import { hasTooFewPods } from './canary-pods.js';
import { reasonInWords } from './in-words.js';
import type { Conclusion, Standing } from './phases-and-bake.js';
import { inSeconds } from './quantity.js';

/** What a judge that decides once says at its horizon. */
export interface Judgement extends Conclusion {
  /** 0–100 */
  readonly score: number;
}

/** Nothing is known yet. */
const openScore = 50;

/**
 * The verdict of a judge that decides once. Before its horizon everything holds, save data that must be there and is not;
 * at the horizon what it says is final, and whatever stands against promote turns it into hold.
 *
 * @param judgement  null: this look is not judged
 * @param isHorizon  the judgement is the last one
 */
export function decideOnce(standing: Standing, evidence: readonly Evidence[], judgement: Judgement | null, isHorizon: boolean): Verdict {
  const { template, elapsedSeconds, warmup, guards = [] } = standing;
  const gating = evidence.filter(({ role }) => role !== 'informational');
  const alarms = guards.filter(({ alarm, suspected }) => alarm || (suspected && judgement !== null));
  const blocker = blockerOf(gating, alarms) ?? (judgement === null ? null : fewOf(standing, gating));
  const weighed = { standing, gating, judgement, blocker, isHorizon };
  const outcome = warmup ? holding('warmup', isHorizon) : outcomeOf(weighed);
  const score = warmup ? openScore : (judgement?.score ?? openScore);
  const etaSeconds = outcome.final ? null : Math.max(0, template.schedule.deadlineSeconds - elapsedSeconds);
  const say = (code: ReasonCode): string => reasonInWords(code, { ...standing, evidence: gating, etaSeconds, guards: alarms, score });
  const reason = warmup ? say('warmup') : reasonOf(weighed, outcome, say);
  return {
    decision: outcome.decision,
    final: outcome.final,
    code: outcome.code,
    reason,
    score,
    evidence,
    guards,
    elapsedSeconds,
    etaSeconds,
  };
}

type Outcome = Conclusion & { readonly final: boolean };

const holding = (code: ReasonCode, final = false): Outcome => ({ decision: 'hold', code, final });

interface Weighed {
  readonly standing: Standing;
  readonly gating: readonly Evidence[];
  readonly judgement: Judgement | null;
  readonly blocker: ReasonCode | null;
  readonly isHorizon: boolean;
}

function outcomeOf({ standing, gating, judgement, blocker, isHorizon }: Weighed): Outcome {
  const { schedule } = standing.template;
  if (judgement?.decision === 'rollback') return { decision: 'rollback', code: judgement.code, final: true };
  if (gating.some(({ missing }) => missing?.policy === 'fail')) return { decision: 'rollback', code: 'no-data', final: true };
  if (!isHorizon) return holding(blocker ?? 'before-horizon');
  if (judgement?.decision === 'promote' && blocker === null) return { decision: 'promote', code: judgement.code, final: true };
  const isLate = standing.elapsedSeconds >= schedule.deadlineSeconds;
  if (isLate && schedule.onDeadline === 'rollback') return { decision: 'rollback', code: 'deadline', final: true };
  if (blocker === null && judgement?.code === 'kayenta-marginal') return { decision: 'hold', code: judgement.code, final: true };
  return { decision: 'hold', code: isLate ? 'deadline' : 'end-of-data', final: true };
}

/** What stands against promote, whatever the numbers say. The order is that of every other verdict. */
function blockerOf(gating: readonly Evidence[], alarms: readonly GuardFinding[]): ReasonCode | null {
  const missing = gating.flatMap((metric) => (metric.missing && metric.missing.policy !== 'ignore' ? [metric.missing] : []));
  if (missing.some(({ cause }) => cause === 'unavailable')) return 'source-unavailable';
  if (alarms.some(({ guard }) => guard === 'traffic-mix')) return 'traffic-mix';
  if (missing.length > 0 || gating.every((metric) => metric.missing?.policy === 'ignore')) return 'no-data';
  return alarms.length > 0 ? 'sample-ratio-mismatch' : null;
}

function fewOf({ template }: Standing, gating: readonly Evidence[]): ReasonCode | null {
  const readable = gating.filter(({ missing }) => missing?.policy !== 'ignore');
  return readable.some(({ enoughSamples }) => !enoughSamples) || hasTooFewPods(template, readable) ? 'min-samples' : null;
}

/** A sentence with the numbers, and with what they are not. */
function reasonOf({ standing, judgement, blocker }: Omit<Weighed, 'gating'>, outcome: Outcome, say: (code: ReasonCode) => string): string {
  const { code, final } = outcome;
  if (!final || code === 'no-data') return say(code);
  const isLate = standing.elapsedSeconds >= standing.template.schedule.deadlineSeconds;
  const end = isLate
    ? `deadline of ${inSeconds(standing.template.schedule.deadlineSeconds)} reached`
    : `no more data to judge after ${inSeconds(standing.elapsedSeconds)}`;
  const ended = code === 'deadline' || code === 'end-of-data';
  if (ended && blocker !== null) return `${end}: ${say(blocker)}`;
  if (judgement === null)
    return `${end}: watched for less than ${inSeconds(standing.template.schedule.minDurationSeconds)} after the warm-up`;
  if (judgement.code.startsWith('kayenta')) return `${ended ? `${end}: ` : ''}${say(judgement.code)}`;
  return `${say(code)}; judged once, ${notUnderPeeking}`;
}
