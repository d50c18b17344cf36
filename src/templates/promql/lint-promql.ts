import { checkAveragedPercentiles, checkLostLe, checkTopSeries } from './check-aggregations.js';
import { checkCohortFixed, checkCohortLost, checkCohortUnselected, checkHardCodedTarget } from './check-cohorts.js';
import { checkJoin, checkRatio } from './check-matching.js';
import { checkComparison, checkConstant, checkMaskedData } from './check-missing-data.js';
import { checkAlternation, checkMatchEverything, checkPatterns } from './check-patterns.js';
import { checkBareCounter, checkOffset, checkScrapes, checkWindow } from './check-ranges.js';
import { typeMistake } from './check-types.js';
import { checkUnits } from './check-units.js';
import { type Check, findingOf, type PromqlContext, type PromqlFinding, type Question } from './finding.js';
import { parsePromql } from './parse-promql.js';
import type { PromqlMistake } from './syntax.js';

const checks: readonly Check[] = [
  checkPatterns,
  checkConstant,
  checkMaskedData,
  checkComparison,
  checkCohortLost,
  checkCohortUnselected,
  checkCohortFixed,
  checkHardCodedTarget,
  checkRatio,
  checkJoin,
  checkLostLe,
  checkAveragedPercentiles,
  checkTopSeries,
  checkBareCounter,
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
  const parsed = parsePromql(written);
  if ('mistake' in parsed) return [refused(parsed.mistake)];
  const mistake = typeMistake(parsed.expr);
  if (mistake !== null) return [refused(mistake)];
  const question: Question = { written, context, ...parsed };
  const findings = checks.flatMap((check) => {
    const found = check(question);
    return found ? [findingOf(question, found)] : [];
  });
  return withoutEchoes(findings).toSorted((a, b) => a.offset - b.offset);
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
