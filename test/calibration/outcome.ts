import { normalQuantile } from '../../src/statistics/index.js';
import type { Course } from './judges.js';
import type { Cell, Scenario } from './scenarios.js';

/** A share of runs with its Wilson 95 % interval. */
export interface Rate {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** What one judge did in one cell. */
export interface Outcome {
  readonly judge: string;
  readonly runs: number;
  readonly rollback: Rate;
  readonly promote: Rate;
  readonly hold: Rate;
  /** from the start of the run, or of the harm; over the runs that got there */
  readonly minutesToRollback: number | null;
  /** lower end of the 95 % interval of that median */
  readonly minutesAtLeast: number | null;
  readonly minutesToPromote: number | null;
  /** rolled back before the harm had begun; where it begins late */
  readonly early: number;
}

export interface CellResult {
  readonly scenario: string;
  readonly cell: string;
  readonly outcomes: readonly Outcome[];
  /** promises that this cell did not keep, as sentences */
  readonly broken: readonly string[];
}

/** Wilson's interval for a share: honest at 0 of n. */
export function wilson(events: number, runs: number): Rate {
  if (runs === 0) return { share: Number.NaN, low: 0, high: 1 };
  const z = normalQuantile(0.975);
  const share = events / runs;
  const middle = (share + z ** 2 / (2 * runs)) / (1 + z ** 2 / runs);
  const half = (z * Math.sqrt((share * (1 - share)) / runs + (z / (2 * runs)) ** 2)) / (1 + z ** 2 / runs);
  return { share, low: events === 0 ? 0 : middle - half, high: events === runs ? 1 : middle + half };
}

export function outcomeOf(judge: string, courses: readonly Course[], cell: Cell): Outcome {
  const minutes = (windows: number): number => ((windows - (cell.onset ?? 0)) * cell.world.windowSeconds) / 60;
  const isEarly = ({ rollback }: Course): boolean => rollback !== null && rollback <= (cell.onset ?? 0);
  const rollbacks = courses.filter((course) => !isEarly(course)).flatMap(({ rollback }) => rollback ?? []);
  const promotes = courses.flatMap(({ promote }) => promote ?? []);
  const early = courses.filter(isEarly).length;
  const holds = courses.length - early - rollbacks.length - promotes.length;
  return {
    judge,
    runs: courses.length,
    rollback: wilson(rollbacks.length, courses.length),
    promote: wilson(promotes.length, courses.length),
    hold: wilson(holds, courses.length),
    minutesToRollback: medianOf(rollbacks.map(minutes)),
    minutesAtLeast: medianOf(rollbacks.map(minutes), 0.98),
    minutesToPromote: medianOf(promotes.map(minutes)),
    early,
  };
}

/** @param below  ranks below the median, in √n: 0.98 gives the lower end of its 95 % interval */
function medianOf(values: readonly number[], below = 0): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.floor(sorted.length / 2 - below * Math.sqrt(sorted.length)))] ?? null;
}

export function resultOf(scenario: Scenario, cell: Cell, outcomes: readonly Outcome[]): CellResult {
  return { scenario: scenario.name, cell: cell.name, outcomes, broken: brokenPromises(cell, outcomes) };
}

/** Promises beyond which a rate, or a median, lies with its whole 95 % interval. */
function brokenPromises({ promise }: Cell, outcomes: readonly Outcome[]): string[] {
  const assay = outcomes.find(({ judge }) => judge === 'assay');
  const kayenta = outcomes.find(({ judge }) => judge === 'kayenta');
  if (!assay) return [];
  const { rollbackAtMost = 1, rollbackAtLeast = 0, promoteAtMost = 1, minutesAtMost = Infinity } = promise;
  const { rollback, promote, minutesToRollback, minutesAtLeast } = assay;
  const broken: string[] = [];
  if (rollback.low > rollbackAtMost) broken.push(`rolled back ${percent(rollback.share)}, promised at most ${percent(rollbackAtMost)}`);
  if (rollback.high < rollbackAtLeast) broken.push(`rolled back ${percent(rollback.share)}, promised at least ${percent(rollbackAtLeast)}`);
  if (promote.low > promoteAtMost) broken.push(`promoted ${percent(promote.share)}, promised at most ${percent(promoteAtMost)}`);
  if (minutesToRollback !== null && (minutesAtLeast ?? 0) > minutesAtMost)
    broken.push(`took ${minutesToRollback.toFixed(2)} minutes, promised at most ${minutesAtMost.toFixed(2)}`);
  if (promise.beatsKayenta && kayenta && isWorse(assay, kayenta)) broken.push('found the harm less often or later than Kayenta');
  return broken;
}

function isWorse(assay: Outcome, kayenta: Outcome): boolean {
  if (assay.rollback.high < kayenta.rollback.low) return true;
  const bothFindAll = assay.rollback.share > 0.99 && kayenta.rollback.share > 0.99;
  return bothFindAll && (assay.minutesAtLeast ?? 0) > (kayenta.minutesToRollback ?? Infinity);
}

export const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;
