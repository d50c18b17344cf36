import { checkAveragedPercentiles, checkLostLe, checkShare, checkTopSeries } from './check-aggregations.js';
import { checkCohortFixed, checkCohortLost, checkCohortUnselected, checkHardCodedTarget } from './check-cohorts.js';
import { checkContradiction, checkEmptyAlternative, checkPatternBehindEquals } from './check-conditions.js';
import { checkBucketsAddedUp, checkLevelOfCounter, checkRateOfSum } from './check-counters.js';
import { checkJoin, checkRatio } from './check-matching.js';
import { checkComparison, checkConstant, checkHiddenByTime, checkMaskedData } from './check-missing-data.js';
import { checkAlternation, checkMatchEverything, checkPatterns } from './check-patterns.js';
import { checkBareCounter, checkOffset, checkRateOfLevel, checkScrapes, checkWindow } from './check-ranges.js';
import { checkSameSides } from './check-sameness.js';
import { typeMistake } from './check-types.js';
import { checkUnits } from './check-units.js';
import { type Check, edited, type Found, findingOf, type PromqlContext, type PromqlFinding, type Question } from './finding.js';
import { parsePromql } from './parse-promql.js';
import type { PromqlMistake } from './syntax.js';

const checks: readonly Check[] = [
  checkPatterns,
  checkConstant,
  checkSameSides,
  checkPatternBehindEquals,
  checkContradiction,
  checkEmptyAlternative,
  checkMaskedData,
  checkHiddenByTime,
  checkComparison,
  checkCohortLost,
  checkCohortUnselected,
  checkCohortFixed,
  checkHardCodedTarget,
  checkRatio,
  checkJoin,
  checkLostLe,
  checkShare,
  checkAveragedPercentiles,
  checkTopSeries,
  checkBareCounter,
  checkRateOfLevel,
  checkLevelOfCounter,
  checkRateOfSum,
  checkBucketsAddedUp,
  checkScrapes,
  checkWindow,
  checkOffset,
  checkUnits,
  checkMatchEverything,
  checkAlternation,
];

/**
 * The mistakes in a PromQL query, in the order of the text: what Prometheus would refuse, or else what it would answer although
 * nobody meant to ask it. At most one finding of a code: its place is the first, and its repair mends all.
 *
 * Total: any text gives findings in bounded time.
 */
export function lintPromql(written: string, context: PromqlContext = {}): readonly PromqlFinding[] {
  const question = understood(written, context);
  if ('message' in question) return [refused(question)];
  const findings = checks.flatMap((check) => {
    const found = check(question);
    return found ? [findingOf(found, mended(check, found, question))] : [];
  });
  return withoutEchoes(findings).toSorted((a, b) => a.offset - b.offset);
}

function understood(written: string, context: PromqlContext): Question | PromqlMistake {
  const parsed = parsePromql(written);
  return 'mistake' in parsed ? parsed.mistake : (typeMistake(parsed.expr) ?? { written, context, ...parsed });
}

/** The query with the edits made, where it is then a query without this mistake. */
function mended(check: Check, { edits }: Found, { written, context }: Question): string | null {
  if (edits === undefined) return null;
  const repaired = edited(written, edits);
  const question = understood(repaired, context);
  return 'message' in question || check(question) ? null : repaired;
}

const refused = ({ from, to, message, repair }: PromqlMistake): PromqlFinding => ({
  code: 'invalid-promql',
  severity: 'error',
  message,
  repair,
  offset: from,
  length: to - from,
  repaired: null,
});

/** A query that reads nothing has no other mistakes worth telling. */
const withoutEchoes = (findings: readonly PromqlFinding[]): readonly PromqlFinding[] => {
  const constant = findings.find(({ code }) => code === 'constant-query');
  return constant === undefined ? findings : [constant];
};
