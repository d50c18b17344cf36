import { type Run } from '../../domain/index.js';

/**
 * The run with what it says of the weight in force: safe at the weight before is no answer for this one until a whole window was judged
 * at it. Tools ask again seconds after they raised the weight.
 */
export function atPresentWeight(run: Run): Run {
  const { verdict, phaseChanges, from, template } = run;
  const change = phaseChanges.at(-1);
  if (verdict?.code !== 'phase-safe' || verdict.decision !== 'promote' || change === undefined) return run;
  const judgedUntil = from.getTime() + verdict.elapsedSeconds * 1000;
  if (judgedUntil >= change.at.getTime() + template.schedule.windowSeconds * 1000) return run;
  const reason = `safe at the weight before; no window is judged yet at the weight since ${change.at.toISOString()}`;
  return { ...run, verdict: { ...verdict, decision: 'hold', code: 'insufficient-evidence', reason } };
}
