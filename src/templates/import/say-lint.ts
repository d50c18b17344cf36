import { lintPromql } from '../promql/lint-promql.js';
import { parsePromql } from '../promql/parse-promql.js';
import type { CohortSelector } from './cohort-selector.js';
import type { ForeignMetric } from './foreign-metric.js';
import type { MovedQuery } from './move-query.js';
import { sidesPicked } from './promql/compared-sides.js';

type Linted = Pick<ForeignMetric, 'query' | 'queryFrom' | 'lint' | 'bounds' | 'intervalSeconds'>;

/** What is wrong with a query where it stood: said with its place, and with what the import did about it. */
export function sayLint(
  { query, queryFrom, lint, bounds, intervalSeconds }: Linted,
  form: MovedQuery['form'] | null,
  cohort: CohortSelector,
): void {
  if (lint === null) return;
  const parsed = parsePromql(query);
  const isComparison = 'expr' in parsed && sidesPicked(parsed.expr, cohort) === 'several'; // its bound has no unit
  const [bound] = isComparison ? [] : bounds;
  const findings = lintPromql(lint.text, {
    cohorts: 'query',
    isGeneric: true,
    ...(intervalSeconds !== null && { windowSeconds: intervalSeconds }),
    ...(bound && {
      bound: {
        value: typeof bound.value === 'number' ? bound.value : null,
        unit: null,
        harm: bound.side === 'max' ? 'increase' : 'decrease',
      },
    }),
  });
  for (const { code, severity, message, repair, offset } of findings) {
    const done = mended(code, form, cohort.label);
    queryFrom.remarkAt(offset + lint.start, severity === 'error' && done === null ? 'decide' : 'change', {
      code,
      message,
      repair: done ?? repair,
    });
  }
}

const always: Readonly<Record<string, string>> = {
  'masked-missing-data': "it is taken out: missing data holds, and 'onNoData' says otherwise",
};
const whereCounted: Readonly<Record<string, string>> = {
  'ratio-without-aggregation': 'the template counts both over all their series',
  'range-is-not-window': 'the template counts from edge to edge of its windows',
  'range-below-two-scrapes': 'the template counts from edge to edge of its windows',
  'comparison-hides-harm': 'it is taken out: the limit compares',
};

/** What the import has done about a mistake; null: nothing, so that its author must. */
function mended(code: string, form: MovedQuery['form'] | null, cohortLabel: string): string | null {
  if (form === null) return null;
  if (code === 'cohort-unselected') return `a run adds the condition on '${cohortLabel}' for each side`;
  return always[code] ?? (form === 'counted' ? (whereCounted[code] ?? null) : null);
}
