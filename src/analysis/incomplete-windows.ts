import { type ClosedWindow, isLossMark, type TimeSlice } from '../domain/index.js';

/** Is something of these windows lost? What is left of them is not what happened: a fragment is a biased sample. */
export const isIncomplete = (windows: readonly ClosedWindow[]): boolean => windows.some(({ flags }) => flags.incomplete === true);

/** Marks of a loss apart from windows: marks are of any length, and concern all that they overlap. */
export function withoutMarks(stored: readonly ClosedWindow[]): {
  readonly windows: readonly ClosedWindow[];
  readonly marksOf: (slice: TimeSlice) => readonly ClosedWindow[];
} {
  const marks = stored.filter(isLossMark);
  if (marks.length === 0) return { windows: stored, marksOf: () => [] };
  return {
    windows: stored.filter((window) => !isLossMark(window)),
    marksOf: ({ from, to }) => marks.filter((mark) => mark.from < to && mark.to > from),
  };
}
