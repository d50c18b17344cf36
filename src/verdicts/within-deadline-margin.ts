import type { Evidence, Schedule, Template } from '../domain/index.js';

/** How many times its margin a metric may reach at the deadline, where the template does not say. */
const defaultDeadlineMargin = 1.5;

/** ln 5: evidence for harm too weak to roll back and too strong to promote over. */
export const logHarmVeto = Math.log(5);

/** How many times its margin a metric may reach at the deadline, ≥ 1. */
export const deadlineMarginOf = ({ deadlineMargin }: Schedule): number => deadlineMargin ?? defaultDeadlineMargin;

/**
 * Whether `promote-if-bounded` may promote: every metric that decides is shown to be within its deadline margin, and none looks harmful.
 *
 * What lies beyond that is promoted with a chance of `falsePromote` at most, as the intervals hold at every look. Against earlier days they
 * know nothing of how days differ, and where pods tighten the margin nothing of pods: there it never is.
 *
 * @param readable  what decides and is not left out; @param gating  what decides
 */
export function isWithinDeadlineMargin(template: Template, readable: readonly Evidence[], gating: readonly Evidence[]): boolean {
  if (template.cohorts.baseline || readable.length === 0 || gating.some(({ logHarm }) => logHarm >= logHarmVeto)) return false;
  return readable.every((metric) => metric.enoughSamples && metric.missing === null && isBounded(metric, template));
}

/** A limit is not stretched: it holds whatever else happens. */
function isBounded({ assessment, effect, effectKind, margin, pods }: Evidence, { schedule, cohorts }: Template): boolean {
  if (assessment === 'safe') return true;
  const tightened = cohorts.podSpread === 'strict' && (pods?.factor ?? 1) > 1;
  return effectKind !== 'level' && !tightened && effect.high <= deadlineMarginOf(schedule) * margin;
}
