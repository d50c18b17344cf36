import { isReleaseLabel, isSideWord, tellsReleases } from './cohort-labels.js';
import type { Check, Edit, Question } from './finding.js';
import { aggregationKeeps, mayCarry } from './labels-kept.js';
import { holdsPlaceholder } from './query-text.js';
import { type Aggregation, type Expr, everyOf, type LabelMatch, type Span, selectorsIn } from './syntax.js';

/** Values that say which side is meant. */
const sideWords = /canary|primary|stable|preview|baseline|pod-template-hash|podtemplatehash|revision|version|\bnew\b|scope|location/i;

/** The answer of one question for both cohorts must say whose each series is. */
export const checkCohortLost: Check = ({ expr, written, context: { cohorts, cohortLabel } }) => {
  if (cohorts !== 'answer' || !cohortLabel || mayCarry(expr, cohortLabel) || selectorsIn(expr).length === 0) return null;
  const sums = everyOf(expr, 'aggregation').filter(({ expr: each }) => !aggregationKeeps(each, cohortLabel));
  const matchings = everyOf(expr, 'binary').flatMap(({ expr: { matching } }) =>
    matching?.kind === 'on' && !matching.join ? [matching] : [],
  );
  const [sum] = sums;
  const at = sum ? { from: sum.expr.from, to: sum.expr.opEnd } : (matchings[0] ?? expr);
  const message = `the answer has lost the label '${cohortLabel}', by which the cohorts are told apart`;
  const otherwise = `keep it: ${sum?.expr.op ?? 'sum'} by (${cohortLabel}) (…), on (${cohortLabel}, …)`;
  const edits = [
    ...sums.flatMap(({ expr: each }) => keepingEdit(each, cohortLabel, written) ?? []),
    ...matchings.flatMap((each) => (each.labels.includes(cohortLabel) ? [] : (addedLabel(each, cohortLabel, written) ?? []))),
  ];
  return { code: 'cohort-lost', at, message, repair: 'keep it: {}', otherwise, edits };
};

function keepingEdit({ grouping, opEnd }: Aggregation, label: string, written: string): Edit | null {
  if (grouping === null) return { from: opEnd, to: opEnd, text: ` by (${label})${written[opEnd] === '(' ? ' ' : ''}` };
  return grouping.kind === 'without' ? null : addedLabel(grouping, label, written);
}

/** One label more in `by (…)` or `on (…)`. */
function addedLabel(list: Span & { readonly labels: readonly string[] }, label: string, written: string): Edit | null {
  const open = written.indexOf('(', list.from) + 1;
  return open === 0 || open > list.to ? null : { from: open, to: open, text: list.labels.length > 0 ? `${label}, ` : label };
}

/** A query that must pick the canary itself, and does not. */
export const checkCohortUnselected: Check = (question) => {
  const { expr, context } = question;
  if ((context.cohorts ?? 'query') !== 'query') return null;
  const selectors = selectorsIn(expr);
  const [first] = selectors;
  if (first === undefined || selectors.some(({ matchers }) => matchers.some((match) => picksSide(question, match)))) return null;
  const label = context.cohortLabel ?? 'version';
  const message = 'no condition picks the canary: the old release answers, too, and hides what the new one does';
  const at = first.name === null ? first : { from: first.from, to: first.from + first.name.length };
  return {
    code: 'cohort-unselected',
    at,
    message,
    repair: `give the counter to Assay as a selector, with 'cohorts: { by: ${label} }': each run adds the condition`,
  };
};

function picksSide({ context: { cohortLabel } }: Question, { label, operator, value }: LabelMatch): boolean {
  if (operator.startsWith('!') && !isSideWord(value)) return false;
  if (cohortLabel !== undefined && label === cohortLabel) return true;
  return tellsReleases(label) || sideWords.test(value);
}

/** A release that is written out: the next one is another. */
export const checkCohortFixed: Check = (question) => {
  const { expr, context, query } = question;
  const { cohortLabel, cohorts = 'query' } = context;
  const all = matchersIn(expr);
  if (cohorts !== 'query') {
    const own = all.find(({ label }) => label === cohortLabel);
    if (own !== undefined) {
      const message = `'${own.label}' tells the cohorts apart, and each run adds it; here it is fixed for both sides`;
      return { code: 'cohort-fixed', at: own, message, repair: `remove '${own.label}' from the selector` };
    }
  }
  const fixed = all.find(
    (match) =>
      isReleaseLabel(match.label) &&
      !match.operator.startsWith('!') &&
      match.value !== '' &&
      !/^\.[*+]$/.test(match.value) &&
      !holdsPlaceholder(query, match.literal) &&
      (cohorts !== 'query' || !isSideWord(match.value)),
  );
  if (fixed === undefined) return null;
  const message = `'${fixed.label}' names one release, "${shortened(fixed.value)}": the next one is not measured`;
  const repair =
    cohorts === 'query'
      ? `let an argument fill it in: ${fixed.label}="\${version}"`
      : `remove it: each run adds the conditions of its cohorts`;
  return { code: 'cohort-fixed', at: fixed, message, repair };
};

/** Labels that say which service is meant, whatever else does. */
const serviceLabel =
  /^(?:app|application|app_kubernetes_io_name|service|service_name|destination_(?:service|service_name|app)|deployment)$/;
const targetLabel = /^(?:job|container|host)$/;

/** A service that is written out in a template that is told which service is meant. */
export const checkHardCodedTarget: Check = ({ expr, context, query }) => {
  const { isGeneric = false, arguments: takes = [] } = context;
  const isTold = query.placeholders.length > 0;
  if (!isGeneric && (isTold || takes.length === 0)) return null;
  const found = matchersIn(expr).find(
    ({ label, operator, value, literal }) =>
      (serviceLabel.test(label) || (!isTold && targetLabel.test(label))) &&
      !operator.startsWith('!') &&
      /\w/.test(value) &&
      !holdsPlaceholder(query, literal),
  );
  if (found === undefined) return null;
  const argument = takes[0] ?? 'service';
  const message = `'${found.label}' is always "${shortened(found.value)}": for every other service this measures the wrong one`;
  const alike = matchersIn(expr).filter(({ label, value }) => label === found.label && value === found.value);
  const edits: Edit[] = alike.map(({ literal }) => ({ ...literal, text: `"\${${argument}}"` }));
  return { code: 'hard-coded-target', at: found, message, repair: 'let an argument name it: {}', edits };
};

const matchersIn = (expr: Expr): readonly LabelMatch[] => selectorsIn(expr).flatMap(({ matchers }) => matchers);

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
