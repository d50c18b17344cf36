import type { HarmDirection } from '../../domain/index.js';
import { normalForm } from '../promql/normal-form.js';
import { parsePromql } from '../promql/parse-promql.js';
import type { Expr, LabelMatch } from '../promql/syntax.js';
import type { CohortSelector } from './cohort-selector.js';
import type { Bound } from './condition/read-condition.js';
import type { MetricDraft } from './native-draft.js';
import { type ComparedSides, comparedSides, sidesPicked } from './promql/compared-sides.js';
import { joinsByHand, keepCohort } from './promql/keep-cohort.js';
import { type Quantity, type QueryShape, type Series, shapeOf } from './promql/query-shape.js';

/** Why a query that is PromQL has no place in a template. */
export interface NotMovable {
  readonly why: string;
}

type Measured = Pick<MetricDraft, 'kind' | 'unit' | 'limit' | 'margin' | 'harm'>;

export interface MovedQuery extends Measured {
  /** expression: asked as it stands */
  readonly form: 'counted' | 'level' | 'expression';
  /** how the value was turned, for the list */
  readonly changes: readonly QueryChange[];
}

export interface QueryChange {
  readonly code: string;
  readonly message: string;
  readonly repair: string;
  readonly severity: 'change' | 'decide';
}

/**
 * A query and one bound of its answer as a kind of metric and a limit; without a bound a margin against the baseline.
 *
 * A query that compares canary and baseline by itself becomes the metric of one side with a margin; taking out the conditions on both
 * would leave a number divided by itself.
 */
export function moveQuery(query: string, bound: Bound | null, cohort: CohortSelector): MovedQuery | NotMovable {
  const parsed = parsePromql(query);
  if ('mistake' in parsed) return { why: 'its query is no PromQL' };
  const { expr } = parsed;
  const sides = sidesPicked(expr, cohort);
  const moved = sides === 'several' ? moveCompared(query, expr, bound, cohort) : moveOne(query, expr, { bound, cohort, asAsked: false });
  if ('why' in moved) return moved;
  if (isAlwaysOne(moved.kind, query)) return { why: 'without the condition on one side it divides a number by itself' };
  return sides === 'some' ? { ...moved, changes: [...moved.changes, partlyPicked(cohort.label)] } : moved;
}

interface Aim {
  readonly bound: Bound | null;
  readonly cohort: CohortSelector;
  /** what goes well stays what is counted, though nothing bounds it */
  readonly asAsked: boolean;
}

function moveOne(query: string, expr: Expr, { bound, cohort, asAsked }: Aim): MovedQuery {
  const found = shapeOf(expr, cohort.label);
  const shape = found && asFailures(found, bound !== null || asAsked);
  const counted = shape && fromShape(shape, bound, cohort);
  return counted ?? asExpression(query, expr, bound, cohort);
}

const mixed = 'it compares canary and baseline by itself, in a way that is no margin of one number';

/** One side of the comparison, and what the canary may be worse. */
function moveCompared(query: string, expr: Expr, bound: Bound | null, cohort: CohortSelector): MovedQuery | NotMovable {
  const compared = comparedSides(expr, query, bound, cohort);
  if (compared === null) return { why: mixed };
  const text = query.slice(compared.one.from, compared.one.to);
  const parsed = parsePromql(text);
  const shape = 'expr' in parsed ? shapeOf(parsed.expr, cohort.label) : null;
  if ('mistake' in parsed || shape?.isRest || (compared.margin === 'absolute' && shape === null)) return { why: mixed };
  const moved = moveOne(text, parsed.expr, { bound: null, cohort, asAsked: true });
  const accepted = compared.margin === 'relative' ? compared.accepted : Number((compared.accepted / (shape?.scale ?? 1)).toPrecision(10));
  return {
    ...moved,
    harm: compared.harm,
    limit: null,
    margin: { [compared.margin]: accepted },
    changes: [...moved.changes.filter(({ code }) => code !== 'other-unit'), comparedWithBaseline(compared, bound, accepted)],
  };
}

function comparedWithBaseline({ margin, harm }: ComparedSides, bound: Bound | null, accepted: number): QueryChange {
  const before = `${bound?.side === 'max' ? 'at most' : 'at least'} ${String(bound?.value)}`;
  const how = margin === 'relative' ? 'canary divided by baseline' : 'the difference of canary and baseline';
  return {
    severity: 'decide',
    code: 'compared-with-baseline',
    message: `the query compares the two sides itself: ${how}, ${before}; here a run reads both, and the metric is that of one side`,
    repair: `see whether 'margin: { ${margin}: ${accepted} }' with harm: ${harm} is what you accept`,
  };
}

/** What is counted, of what: the same series on both sides say nothing. */
function isAlwaysOne(kind: Measured['kind'], query: string): boolean {
  const [pair] = [kind['proportion'], kind['rate']].filter((each) => each !== undefined) as { events: string; of?: string; per?: string }[];
  const [events, whole] = [pair?.events, pair?.of ?? pair?.per].map((text) => (text === undefined ? null : parsePromql(text)));
  if (!events || !whole || !('expr' in events) || !('expr' in whole)) return false;
  return normalForm(events.expr, query) === normalForm(whole.expr, query);
}

const partlyPicked = (label: string): QueryChange => ({
  severity: 'decide',
  code: 'cohort-mixed',
  message: 'one part of the query picks the canary, and another reads both releases',
  repair: `here a run adds the condition on '${label}' to all of it: see that this is what you mean`,
});

/**
 * The rest of a share, as a share: what is not `status!~"5.."` is `status=~"5.."`. Without a bound the share of what goes wrong is
 * counted, since a margin on what goes well accepts far too much.
 */
function asFailures(shape: QueryShape, hasBound: boolean): QueryShape {
  const { quantity, isRest } = shape;
  if (quantity.kind !== 'share' || !isPartOf(quantity.events, quantity.of)) return shape;
  const [added, ...more] = quantity.events.matchers.filter((matcher) => !quantity.of.matchers.some((other) => sameMatch(matcher, other)));
  const isWanted = isRest || (!hasBound && ownHarm(quantity.events, quantity.of) === 'decrease');
  if (added === undefined || more.length > 0 || !isWanted) return shape;
  const matchers = quantity.events.matchers.map((matcher) =>
    matcher === added ? { ...matcher, operator: opposite[matcher.operator] } : matcher,
  );
  return { ...shape, quantity: { ...quantity, events: { ...quantity.events, matchers } }, isRest: false };
}

const opposite = { '=': '!=', '!=': '=', '=~': '!~', '!~': '=~' } as const;

function fromShape(shape: QueryShape, bound: Bound | null, cohort: CohortSelector): MovedQuery | null {
  const side = sideOf(bound, shape.isRest);
  const limit = limitOf(bound, shape);
  const { quantity } = shape;
  // an argument is a number in the unit of the query, which only the query as it stands can answer in
  if (bound !== null && typeof bound.value !== 'number' && (shape.scale !== 1 || shape.isRest)) return null;
  const measured = measuredAs(quantity, { side, limit, isRest: shape.isRest, cohort, hasBound: bound !== null });
  if (measured === null) return null;
  const said = shape.scale === 1 && !shape.isRest ? [] : [rescaled(shape, bound, measured.limit)];
  return { ...measured, form: quantity.kind === 'level' ? 'level' : 'counted', changes: said };
}

interface Side {
  readonly side: 'max' | 'min' | null;
  /** in the metric's own unit; a text is `${argument}` */
  readonly limit: number | string | null;
  readonly isRest: boolean;
  readonly hasBound: boolean;
  readonly cohort: CohortSelector;
}

function measuredAs(quantity: Quantity, aim: Side): Measured | null {
  const selector = (series: Series): string => selectorOf(series, aim.cohort);
  const harm: HarmDirection = aim.side === 'min' ? 'decrease' : 'increase';
  const { limit } = aim;
  switch (quantity.kind) {
    case 'share': {
      const { events, of } = quantity;
      if (isPartOf(events, of)) {
        if (limit !== null && typeof limit === 'number' && !(limit > 0 && limit < 1)) return null;
        const kind = { proportion: { of: selector(of), events: selector(events) } };
        return {
          kind,
          unit: null,
          limit,
          harm: aim.hasBound ? harm : ownHarm(events, of),
          margin: aim.hasBound ? null : { relative: 0.25, absolute: 0.001 },
        };
      }
      if (aim.isRest || !isCounted(events) || !isCounted(of) || harm !== 'increase' || (typeof limit === 'number' && !(limit > 0)))
        return null;
      const kind = { rate: { events: selector(events), per: selector(of) } };
      return { kind, unit: null, limit, harm, margin: aim.hasBound ? null : { relative: 0.25, absolute: 0.001 } };
    }
    case 'quantile': {
      if (typeof limit === 'number' && !(limit > 0)) return null;
      const unit = unitOf(quantity.of.name);
      const kind = { percentiles: { of: selector(quantity.of), at: quantity.at } };
      return { kind, ...inUnit(limit, unit), harm, margin: aim.hasBound ? null : { relative: 0.2 } };
    }
    case 'per-second': {
      if (!isCounted(quantity.events) || harm !== 'increase' || (typeof limit === 'number' && !(limit > 0))) return null;
      const kind = { rate: { events: selector(quantity.events) } };
      return { kind, unit: null, limit, harm, margin: aim.hasBound ? null : { relative: 0.25, absolute: 0.01 } };
    }
    case 'level': {
      const unit = unitOf(quantity.of.name);
      const kind = { gauge: { query: selector(quantity.of) } };
      return { kind, unit, limit, harm: aim.hasBound ? harm : 'either', margin: aim.hasBound ? null : { relative: 0.2 } };
    }
  }
}

function asExpression(query: string, expr: Expr, bound: Bound | null, cohort: CohortSelector): MovedQuery {
  const kept = keepCohort(query.trim(), parsedAgain(query, expr), cohort.label, cohort.picks);
  const changes: QueryChange[] = [
    {
      severity: joinsByHand(expr) ? 'decide' : 'change',
      code: 'query-as-expression',
      message: 'the query is no share, percentile or rate of counters, so it is asked as it stands, once a window, as a level',
      repair: joinsByHand(expr)
        ? `see that its answer keeps the label '${cohort.label}': it joins series by hand, and without the label there is no data`
        : `aggregations now keep the label '${cohort.label}'; give it at least 25 windows`,
    },
  ];
  const limit = bound === null ? null : typeof bound.value === 'number' ? bound.value : `\${${bound.value.argument}}`;
  const harm: HarmDirection = bound === null ? 'either' : bound.side === 'min' ? 'decrease' : 'increase';
  return {
    kind: { gauge: { query: kept } },
    unit: null,
    limit,
    harm,
    margin: bound === null ? { relative: 0.2 } : null,
    form: 'expression',
    changes,
  };
}

/** Blanks before the query would move every place in it. */
function parsedAgain(query: string, expr: Expr): Expr {
  if (query.trim() === query) return expr;
  const parsed = parsePromql(query.trim());
  return 'expr' in parsed ? parsed.expr : expr;
}

/** Written anew, with what the run adds left out. */
function selectorOf({ name, matchers }: Series, { picks }: CohortSelector): string {
  const kept = matchers.filter((matcher) => !picks(matcher));
  if (kept.length === 0) return name;
  return `${name}{${kept.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`).join(', ')}}`;
}

/** Every condition of the whole is one of the part, and both count the same thing. */
const isPartOf = (part: Series, whole: Series): boolean =>
  part.name === whole.name && whole.matchers.every((matcher) => part.matchers.some((other) => sameMatch(matcher, other)));

const sameMatch = (a: LabelMatch, b: LabelMatch): boolean => a.label === b.label && a.operator === b.operator && a.value === b.value;

/** Seconds and bytes grow, too, but they are no events. */
const isCounted = ({ name }: Series): boolean => !/_(sum|bucket|(seconds|milliseconds|bytes)(_total)?)$/.test(name);

/** Without a bound nobody says which way is worse: what is left out (`status!~"5.*"`) is what should not happen. */
function ownHarm(events: Series, of: Series): HarmDirection {
  const added = events.matchers.filter((matcher) => !of.matchers.some((other) => sameMatch(matcher, other)));
  return added.some(({ operator, value }) => operator.startsWith('!') || /success|2\d\d|ok/i.test(value)) ? 'decrease' : 'increase';
}

function sideOf(bound: Bound | null, isRest: boolean): Side['side'] {
  if (bound === null) return null;
  if (!isRest) return bound.side;
  return bound.side === 'max' ? 'min' : 'max';
}

function limitOf(bound: Bound | null, { scale, isRest }: QueryShape): number | string | null {
  if (bound === null) return null;
  if (typeof bound.value !== 'number') return `\${${bound.value.argument}}`;
  const value = bound.value / scale;
  return Number((isRest ? 1 - value : value).toPrecision(10));
}

const seriesUnits: readonly (readonly [RegExp, 's' | 'ms' | 'By'])[] = [
  [/_seconds(_bucket|_sum|_count|_total)?$/, 's'],
  [/_(milliseconds|ms)(_bucket|_sum|_count|_total)?$/, 'ms'],
  [/_bytes(_bucket|_sum|_count|_total)?$/, 'By'],
];

/** What the name of a series says of its values; null where it says nothing. */
export const unitOf = (name: string): string | null => seriesUnits.find(([form]) => form.test(name))?.[1] ?? null;

/** Times as people write them. A limit of a minute and more is likely a mistake, and stays a number that the linter doubts. */
function inUnit(limit: number | string | null, unit: string | null): { limit: number | string | null; unit: string | null } {
  if (typeof limit !== 'number' || (unit !== 's' && unit !== 'ms')) return { limit, unit };
  const seconds = unit === 's' ? limit : limit / 1000;
  if (unit === 's' && seconds >= 60) return { limit, unit };
  const inMs = Number((seconds * 1000).toPrecision(10));
  return { limit: seconds < 1 || inMs % 1000 !== 0 ? `${inMs}ms` : `${inMs / 1000}s`, unit };
}

function rescaled({ scale, isRest }: QueryShape, bound: Bound | null, limit: number | string | null): QueryChange {
  const factor = scale === 1 ? [] : [scale === 100 ? 'per cent' : `${scale} times the value`];
  const what = [...factor, ...(isRest ? ['what is left of the whole'] : [])].join(', ');
  const before = bound === null ? 'without a bound' : `${bound.side === 'max' ? 'at most' : 'at least'} ${String(bound.value)}`;
  return {
    severity: 'change',
    code: 'other-unit',
    message: `the query answers ${what}; Assay counts shares from 0 to 1, and times in the unit of the series`,
    repair: `${before} is now ${limit === null ? 'a margin' : `limit: ${limit}`}`,
  };
}
