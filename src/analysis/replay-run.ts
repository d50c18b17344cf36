import type { ClosedWindow, Look, Run, TimeSlice, Verdict } from '../domain/index.js';
import { explainRollback } from './explain-rollback.js';
import { newRunJudge } from './judge.js';
import { measureStored } from './window-reader.js';
import { isLastSlice } from './window-slices.js';

/**
 * Judges recorded telemetry offline, look by look, exactly as a live run would have: same windows, same order, same code.
 * Pure: nothing is stored and nobody is told.
 *
 * @param run     not started yet; `from` and `to` bound the stretch that is judged
 * @param stored  closed windows, ascending
 * @returns every look until one is final; the last one always is
 */
export function* replayRun(run: Run, stored: readonly ClosedWindow[]): Generator<Look, void> {
  const slices = slicesOf(run);
  const measured = measureStored(run, slices, stored);
  const judge = newRunJudge(run, []);
  let previous: Verdict | null = null;
  for (const [index, window] of measured.entries()) {
    judge.add(window);
    const lastWindow = isLastSlice(run, window);
    const quick: Verdict = judge.verdict({ intervals: 'none', previous, lastWindow });
    const verdict: Verdict = quick.final ? judge.verdict({ intervals: 'exact', previous, lastWindow }) : quick;
    previous = verdict;
    const sofar = verdict.decision === 'rollback' ? stored.filter(({ to }) => to <= window.to) : [];
    yield { runId: run.id, sequence: index + 1, at: new Date(window.to), verdict: explainRollback(run, verdict, sofar) };
    if (verdict.final) return;
  }
}

function slicesOf(run: Run): TimeSlice[] {
  const windowMs = run.template.schedule.windowSeconds * 1000;
  const slices: TimeSlice[] = [];
  for (let from = run.from.getTime(); from + windowMs <= (run.to?.getTime() ?? 0); from += windowMs)
    slices.push({ from, to: from + windowMs });
  return slices;
}
