import type { Decision, GuardFinding, ReasonCode, Template } from '../domain/index.js';

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

/** What one look says by itself. */
export interface Conclusion {
  readonly decision: Decision;
  readonly code: ReasonCode;
}

/** What it means for the run: whether it ends, and since when it bakes (seconds from its start). */
export type Outcome = Conclusion & { readonly final: boolean; readonly bakingSince: number | null };

/** Promote ends the run only in its last phase; before that it lets the next weight begin. */
export function inPhase(standing: Standing, baking: number | null, { decision, code }: Conclusion): Outcome {
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
export const bakeGoingOn = (standing: Standing): number | null => (isLastPhase(standing) ? (standing.bakingSince ?? null) : null);

/** A deadline does not cut a bake short. What holds a bake up may last as long as the bake itself; then the run ends as its author declared. */
export const deadlineOf = ({ schedule }: Template, baking: number | null): number =>
  baking === null ? schedule.deadlineSeconds : Math.max(schedule.deadlineSeconds, baking + 2 * schedule.bakeSeconds);
