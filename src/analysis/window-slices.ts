import type { Run, TimeSlice } from '../domain/index.js';

/** The first window boundary at or after this moment. Boundaries are multiples of the window length since the epoch. */
export function alignedStart(moment: Date, windowSeconds: number): Date {
  const windowMs = windowSeconds * 1000;
  return new Date(Math.ceil(moment.getTime() / windowMs) * windowMs);
}

/**
 * The windows of a run that are complete and not judged yet, oldest first.
 *
 * @param completeUntil  ms; telemetry up to here will not change any more
 * @param most           at most this many
 */
export function slicesDue(run: Run, completeUntil: number, most: number): TimeSlice[] {
  const windowMs = run.template.schedule.windowSeconds * 1000;
  const end = Math.min(completeUntil, endOf(run));
  const slices: TimeSlice[] = [];
  for (let from = run.from.getTime() + run.looks * windowMs; from + windowMs <= end && slices.length < most; from += windowMs) {
    slices.push({ from, to: from + windowMs });
  }
  return slices;
}

/** After this window there is none: the end of a retrospective run. A live run is ended by its deadline. */
export const isLastSlice = (run: Run, slice: TimeSlice): boolean => slice.to + run.template.schedule.windowSeconds * 1000 > endOf(run);

const endOf = (run: Run): number => run.to?.getTime() ?? Number.POSITIVE_INFINITY;

/** Weight and phase in force when this window began. */
export function phaseAt(run: Pick<Run, 'phaseChanges'>, slice: TimeSlice): { weight: number | null; phase: number } {
  const change = run.phaseChanges.findLast(({ at }) => at.getTime() <= slice.from) ?? run.phaseChanges[0];
  return { weight: change?.weight ?? null, phase: change?.phase ?? 0 };
}
