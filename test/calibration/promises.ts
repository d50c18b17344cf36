import type { Outcome } from './outcome.js';
import { type Median, percent, type Rate } from './rate.js';
import type { Cell, Pledge, Scenario } from './scenarios/index.js';

/**
 * Whether a promise holds, as far as so many runs can tell. Broken: the whole 95 % interval lies beyond the limit. Shown: the rate keeps
 * the limit and its interval exceeds it by at most 30 % (a median: its value keeps the limit). Open: neither; more runs would tell.
 */
export type Standing = 'shown' | 'open' | 'broken';

export interface Finding {
  readonly standing: Standing;
  /** what was promised and what was measured */
  readonly sentence: string;
}

export interface CellResult {
  readonly scenario: string;
  readonly cell: string;
  /** part of what the service is accepted by */
  readonly gate: boolean;
  readonly outcomes: readonly Outcome[];
  readonly findings: readonly Finding[];
}

/** Everything that was measured in one world, and how. */
export interface WorldResult {
  readonly name: string;
  readonly seed: string;
  /** of each canary whose rate is near 0 */
  readonly runs: number;
  readonly full: boolean;
  /** newest commit of the product's sources; null: not known */
  readonly commit: string | null;
  readonly results: readonly Omit<CellResult, 'scenario'>[];
}

export function resultOf(scenario: Scenario, cell: Cell, outcomes: readonly Outcome[]): CellResult {
  return { scenario: scenario.name, cell: cell.name, gate: cell.gate, outcomes, findings: findingsOf(cell.promise, outcomes) };
}

/** So far beyond a limit may the upper end of an interval lie, so that the rate counts as shown to keep it: 1.3 % for 1 %. */
const leeway = 1.3;

function findingsOf(promise: Pledge, outcomes: readonly Outcome[]): Finding[] {
  const assay = outcomes.find(({ judge }) => judge === 'assay');
  const kayenta = outcomes.find(({ judge }) => judge === 'kayenta');
  if (!assay) return [];
  const { rollbackAtMost, rollbackAtLeast, promoteAtMost, minutesAtMost, beatsKayenta } = promise;
  const findings: Finding[] = [];
  if (rollbackAtMost !== undefined) findings.push(atMost('rolled back', assay.rollback, rollbackAtMost));
  if (promoteAtMost !== undefined) findings.push(atMost('promoted', assay.promote, promoteAtMost));
  if (rollbackAtLeast !== undefined) findings.push(atLeast('rolled back', assay.rollback, rollbackAtLeast));
  if (minutesAtMost !== undefined) findings.push(inTime(assay.minutesToRollback, minutesAtMost));
  if (beatsKayenta !== undefined) {
    findings.push(better(assay, asOutcome(beatsKayenta), "Kayenta's judge in the study"));
    if (kayenta) findings.push(better(assay, kayenta, "Kayenta's judge on the same windows"));
  }
  return findings;
}

function atMost(what: string, { share, low, high }: Rate, limit: number): Finding {
  const standing = low > limit ? 'broken' : share <= limit && high <= leeway * limit ? 'shown' : 'open';
  return { standing, sentence: `${what} ${measured({ share, low, high })}, promised at most ${percent(limit)}` };
}

function atLeast(what: string, { share, low, high }: Rate, limit: number): Finding {
  const standing = high < limit ? 'broken' : share >= limit ? 'shown' : 'open';
  return { standing, sentence: `${what} ${measured({ share, low, high })}, promised at least ${percent(limit)}` };
}

function inTime({ value, low }: Median, limit: number): Finding {
  const standing = (low ?? Infinity) > limit ? 'broken' : (value ?? Infinity) <= limit ? 'shown' : 'open';
  return { standing, sentence: `took ${minutes(value)}, promised at most ${minutes(limit)}` };
}

type Rival = Pick<Outcome, 'rollback' | 'minutesToRollback'>;

function asOutcome({ rollback, minutes: median }: { readonly rollback: number; readonly minutes: number | null }): Rival {
  return { rollback: { share: rollback, low: rollback, high: rollback }, minutesToRollback: { value: median, low: median, high: median } };
}

/** So often found that only the time tells two judges apart. */
const always = 0.99;

/** Found more often; where both find it always, sooner. */
function better(assay: Rival, rival: Rival, whom: string): Finding {
  const found = `found in ${percent(assay.rollback.share)} after ${minutes(assay.minutesToRollback.value)}`;
  const against = `${whom}: ${percent(rival.rollback.share)} after ${minutes(rival.minutesToRollback.value)}`;
  const sentence = `${found}, ${against}`;
  const both = assay.rollback.share >= always && rival.rollback.share >= always;
  if (both) {
    const [mine, theirs] = [assay.minutesToRollback, rival.minutesToRollback];
    const broken = (mine.low ?? Infinity) > (theirs.high ?? Infinity);
    return { standing: broken ? 'broken' : (mine.value ?? Infinity) <= (theirs.value ?? Infinity) ? 'shown' : 'open', sentence };
  }
  const broken = assay.rollback.high < rival.rollback.low;
  return { standing: broken ? 'broken' : assay.rollback.share >= rival.rollback.share ? 'shown' : 'open', sentence };
}

const measured = ({ share, low, high }: Rate): string => `${percent(share)} (${percent(low)} to ${percent(high)})`;
const minutes = (value: number | null): string => (value === null ? 'more than the hour' : `${value.toFixed(2)} minutes`);
