import { type Expr, everyOf, everyPart, type LabelMatch, type Selector } from '../../promql/syntax.js';
import { isConstant } from './query-shape.js';

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * A query whose answer says which cohort a value is of: conditions on the label are taken out, since they fix one side, and
 * aggregations keep the label. `or vector(…)` is taken out, too: it answers where nothing was measured.
 */
export function keepCohort(query: string, expr: Expr, cohortLabel: string, isCohort: (matcher: LabelMatch) => boolean): string {
  const edits = [...everyPart(expr)].flatMap(({ expr: part }) => editOf(part, query, cohortLabel, isCohort));
  let kept = '';
  let end = 0;
  for (const { from, to, text } of edits.toSorted((a, b) => a.from - b.from)) {
    if (from < end) continue; // inside of what was taken out
    kept += query.slice(end, from) + text;
    end = to;
  }
  return kept + query.slice(end);
}

/** Two vectors are joined by hand (`on`, `ignoring`, `group_left`): whether the label survives is for a person to see. */
export const joinsByHand = (expr: Expr): boolean =>
  everyOf(expr, 'binary').some(({ expr: { matching, left, right } }) => matching !== null && !isConstant(right) && !isConstant(left));

function editOf(part: Expr, query: string, label: string, isCohort: (matcher: LabelMatch) => boolean): Edit[] {
  if (part.type === 'selector') return part.matchers.some(isCohort) ? [withoutCohort(part, query, isCohort)] : [];
  if (part.type === 'binary' && part.op === 'or' && isConstant(part.right)) return [{ from: part.left.to, to: part.right.to, text: '' }];
  if (part.type !== 'aggregation' || part.grouping?.labels.includes(label)) return [];
  if (part.grouping === null) return [{ from: part.opEnd, to: part.opEnd, text: ` by (${label}) ` }];
  if (part.grouping.kind === 'without') return [];
  const { from, to, labels } = part.grouping;
  return [{ from, to, text: `by (${[label, ...labels].join(', ')})` }];
}

function withoutCohort({ matchers, from, to, name }: Selector, query: string, isCohort: (matcher: LabelMatch) => boolean): Edit {
  const kept = matchers.filter((matcher) => !isCohort(matcher)).map((matcher) => query.slice(matcher.from, matcher.to));
  return { from, to, text: `${name ?? ''}${kept.length > 0 || name === null ? `{${kept.join(',')}}` : ''}` };
}
