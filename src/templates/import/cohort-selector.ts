import { parsePromql } from '../promql/parse-promql.js';
import { type LabelMatch, selectorsIn } from '../promql/syntax.js';
import type { ForeignValue } from './foreign-value.js';

/** Tells the cohorts apart in the queries of one template. */
export interface CohortSelector {
  /** as a label of Prometheus */
  readonly label: string;
  /** a condition that picks one side, which the run adds anew */
  readonly picks: (matcher: LabelMatch) => boolean;
  /** what picks a side in the queries of this tool, by any label; absent: nothing else */
  readonly names?: (matcher: LabelMatch) => boolean;
}

/** A query as the importer reads it, and where it stands. */
export interface PlacedQuery {
  readonly query: string;
  readonly from: ForeignValue;
}

export interface CohortSearch {
  readonly queries: readonly PlacedQuery[];
  /** whether a condition picks one side of the rollout, as this tool's users write it */
  readonly picks: (matcher: LabelMatch) => boolean;
  /** by `--cohorts`; null: found in the queries */
  readonly asked: string | null;
  /** where nothing tells the sides apart */
  readonly otherwise: string;
  /** how a run names the sides, for the list */
  readonly howToRun: (matcher: LabelMatch) => string;
  readonly template: ForeignValue;
}

/** The label that tells the cohorts apart: the first that a query picks one side by. The run adds it for each side. */
export function findCohorts({ queries, picks, asked, otherwise, howToRun, template }: CohortSearch): CohortSelector {
  const found = queries.flatMap(({ query, from }) =>
    matchersIn(query)
      .filter((matcher) => (asked === null ? picks(matcher) : matcher.label === asked))
      .map((matcher) => ({ matcher, from })),
  )[0];
  const label = asked ?? found?.matcher.label ?? otherwise;
  if (found) {
    const { label: name, operator, value } = found.matcher;
    found.from.remark('change', {
      code: 'cohort-by-run',
      message: `'${name}${operator}"${value}"' picks one side; a run compares both, and adds the condition for each`,
      repair: howToRun(found.matcher),
    });
  } else if (queries.length > 0) {
    template.remark('decide', {
      code: 'cohorts-unknown',
      message: `nothing in the queries tells the canary from the rest; the template says 'cohorts: { by: ${label} }'`,
      repair: 'write the label by which your series of canary and baseline differ, or import again with --cohorts LABEL',
    });
  }
  for (const { query, from } of queries) {
    nameOtherLabel(query, from, label, picks);
    nameBeside(query, from, label, picks);
  }
  return { label, picks: (matcher) => matcher.label === label, names: picks };
}

/** A query that picks its side by another label than the template would find nothing on the other side. */
function nameOtherLabel(query: string, from: ForeignValue, label: string, picks: CohortSearch['picks']): void {
  const matchers = matchersIn(query);
  const other = matchers.find(picks);
  if (other === undefined || matchers.some((matcher) => matcher.label === label)) return;
  from.remark('decide', {
    code: 'other-cohort-label',
    message: `this query picks one side by '${other.label}', and the template tells the cohorts apart by '${label}'`,
    repair: `take '${other.label}' out where the series have '${label}'; else give the metric a template of its own`,
  });
}

/** What stands on the label of the cohorts and picks no side is taken out with what does. */
function nameBeside(query: string, from: ForeignValue, label: string, picks: CohortSearch['picks']): void {
  const parsed = parsePromql(query);
  for (const { matchers } of 'expr' in parsed ? selectorsIn(parsed.expr) : []) {
    const own = matchers.filter((matcher) => matcher.label === label);
    const other = own.find((matcher) => !picks(matcher));
    if (other === undefined || own.length < 2) continue;
    from.remark('decide', {
      code: 'cohort-fixed',
      message: `'${other.label}${other.operator}"${other.value}"' stands beside the condition that picks a side, on the same label; a run puts its own condition in the place of both`,
      repair: `see whether it is needed, and say it by another label than '${label}'`,
    });
    return;
  }
}

function matchersIn(query: string): readonly LabelMatch[] {
  const parsed = parsePromql(query);
  return 'expr' in parsed ? selectorsIn(parsed.expr).flatMap((selector) => selector.matchers) : [];
}
