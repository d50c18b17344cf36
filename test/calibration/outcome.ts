import type { Course } from './judges.js';
import { type Median, medianOf, type Rate, wilson } from './rate.js';
import type { Cell } from './scenarios/index.js';

/** What one judge did in one cell. */
export interface Outcome {
  readonly judge: string;
  readonly runs: number;
  readonly rollback: Rate;
  readonly promote: Rate;
  readonly hold: Rate;
  /** from the start of the run, or of the harm; over all runs */
  readonly minutesToRollback: Median;
  readonly minutesToPromote: Median;
  /** runs rolled back before the harm had begun; where it begins late */
  readonly early: number;
}

export function outcomeOf(judge: string, courses: readonly Course[], cell: Cell): Outcome {
  const onset = cell.onset ?? 0;
  const minutes = (windows: number | null): number | null =>
    windows === null ? null : ((windows - onset) * cell.world.windowSeconds) / 60;
  const isEarly = ({ rollback }: Course): boolean => rollback !== null && rollback <= onset;
  const others = courses.filter((course) => !isEarly(course));
  const early = courses.length - others.length;
  const rollbacks = others.filter(({ rollback }) => rollback !== null).length;
  const promotes = others.filter(({ promote }) => promote !== null).length;
  return {
    judge,
    runs: courses.length,
    rollback: wilson(rollbacks, courses.length),
    promote: wilson(promotes, courses.length),
    hold: wilson(others.length - rollbacks - promotes, courses.length),
    minutesToRollback: medianOf(others.map(({ rollback }) => minutes(rollback))),
    minutesToPromote: medianOf(others.map(({ promote }) => minutes(promote))),
    early,
  };
}
