import type { ClosedWindow, Run, Verdict } from '../domain/index.js';
import { tracesToOpen } from './traces-to-open.js';
import { whereHarmLies } from './where-harm-lies.js';

/**
 * A rollback with what helps to understand it: the part of the traffic that carries most of the harm, and traces that show it.
 * Any other verdict stays as it is.
 *
 * @param windows  the pushed telemetry of the run so far
 */
export function explainRollback(run: Pick<Run, 'template' | 'cohorts'>, verdict: Verdict, windows: readonly ClosedWindow[]): Verdict {
  if (verdict.decision !== 'rollback') return verdict;
  const where = whereHarmLies(run, verdict.evidence, windows);
  const evidence = verdict.evidence.map((piece) => {
    const exemplars = piece.assessment === 'harmful' ? tracesToOpen(run, piece, windows) : [];
    return exemplars.length > 0 ? { ...piece, exemplars } : piece;
  });
  return { ...verdict, reason: where ? `${verdict.reason}; ${where}` : verdict.reason, evidence };
}
