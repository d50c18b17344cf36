import type { Check, Edit, Question } from './finding.js';
import { isPerSeries, mayCarry, picksSeries } from './labels-kept.js';
import { type Aggregation, bare, type Call, type Expr, everyOf, everyPart, type NumberLiteral, selectorsIn } from './syntax.js';

/** A quantile of classic buckets needs the bounds of the buckets. */
export const checkLostLe: Check = ({ expr, written }) => {
  const lost = everyOf(expr, 'call').flatMap(({ expr: call }) => (losesLe(call) ? [call] : []));
  const [first] = lost;
  if (first === undefined) return null;
  const message =
    "'histogram_quantile' reads the bounds of buckets from the label 'le', and the sum below has dropped it: there is never an answer";
  const edits = lost.flatMap((call) => everyOf(call, 'aggregation').flatMap(({ expr: each }) => keepingLe(each, written)));
  return { code: 'quantile-without-le', severity: 'error', at: first, message, repair: 'keep it: {}', edits };
};

function losesLe({ name, args }: Call): boolean {
  const of = args.at(-1);
  if (name !== 'histogram_quantile' || of === undefined || mayCarry(of, 'le')) return false;
  return selectorsIn(of).some((selector) => selector.name?.endsWith('_bucket'));
}

function keepingLe({ grouping, opEnd }: Aggregation, written: string): Edit[] {
  if (grouping === null) return [{ from: opEnd, to: opEnd, text: ` by (le)${written[opEnd] === '(' ? ' ' : ''}` }];
  if (grouping.labels.includes('le') === (grouping.kind === 'by')) return [];
  const rest = grouping.kind === 'by' ? ['le', ...grouping.labels] : grouping.labels.filter((label) => label !== 'le');
  return [{ ...grouping, text: `${grouping.kind} (${rest.join(', ')})` }];
}

const averages = /^(?:avg|sum|stddev|quantile)$/;

/** The mean of percentiles is a percentile of nothing. */
export const checkAveragedPercentiles: Check = (question) => {
  const { expr, context } = question;
  for (const { expr: part } of everyPart(expr)) {
    const of = averaged(part);
    if (of === null) continue;
    const word = part.type === 'aggregation' ? part.op : part.type === 'call' ? part.name : '';
    const message = `'${word}' of percentiles is a percentile of nothing: one slow pod disappears among the others`;
    const edits = part.type === 'aggregation' ? pooled(question, part) : null;
    const at = { from: part.from, to: part.from + word.length };
    const repair = edits === null ? 'add the buckets up, and take the percentile of the sum; or take max' : 'add the buckets up first: {}';
    return { code: 'average-of-percentiles', at, message, repair, ...(edits === null ? {} : { edits }) };
  }
  const single = bare(expr);
  if (context.reads !== 'level' || context.cohorts === 'query' || !isQuantile(single) || !isPerSeries(single)) return null;
  const message = 'one percentile a pod: Assay takes their mean, which is a percentile of nothing';
  return {
    code: 'average-of-percentiles',
    at: expr,
    message,
    repair: "use 'percentiles' of a histogram, or max by the label of the cohorts",
  };
};

/** What an average is taken of, where that are percentiles. */
function averaged(part: Expr): Expr | null {
  const isAverage =
    part.type === 'aggregation' ? averages.test(part.op) : part.type === 'call' && /^(?:avg|sum)_over_time$/.test(part.name);
  const of = isAverage && 'args' in part ? part.args.at(-1) : undefined;
  return of !== undefined && valuesOf(of).some(isQuantile) ? of : null;
}

/** `p99_latency_seconds`, `latency:p95`, `latency_95percentile`. */
const namesPercentile = /(?:^|[_:])(?:p(?:50|75|[89]\d|99\d|99_9)|\d{0,3}(?:th_?)?percentile)(?:[_:]|$)/;

const isQuantile = (expr: Expr): boolean =>
  expr.type === 'selector'
    ? !/_(?:sum|count|total|bucket)$/.test(expr.name ?? '') &&
      (namesPercentile.test(expr.name ?? '') ||
        expr.matchers.some(({ label, operator }) => label === 'quantile' && operator.startsWith('=')))
    : expr.type === 'call' && /^(?:histogram_quantile|quantile_over_time)$/.test(expr.name);

/** The values that arithmetic passes on. */
function valuesOf(expr: Expr): Expr[] {
  switch (expr.type) {
    case 'paren':
    case 'unary':
    case 'range':
    case 'subquery':
    case 'shifted':
      return valuesOf(expr.of);
    case 'binary':
      return [...valuesOf(expr.left), ...valuesOf(expr.right)];
    case 'call':
      return isQuantile(expr) ? [expr] : expr.args.flatMap(valuesOf);
    case 'aggregation':
      return averages.test(expr.op) ? expr.args.flatMap(valuesOf) : [];
    default:
      return [expr];
  }
}

/** `avg(histogram_quantile(φ, x))` as `histogram_quantile(φ, sum by (le) (x))`. */
function pooled({ written }: Question, { grouping, args, from, to }: Aggregation): Edit[] | null {
  const call = bare(args.at(-1) as Expr);
  const [share, buckets] = call.type === 'call' ? call.args : [];
  if (call.type !== 'call' || call.name !== 'histogram_quantile' || !share || !buckets) return null;
  if (grouping?.kind === 'without' || everyOf(buckets, 'aggregation').length > 0) return null;
  const labels = ['le', ...(grouping?.labels.filter((label) => label !== 'le') ?? [])].join(', ');
  const text = `histogram_quantile(${textOf(written, share)}, sum by (${labels}) (${textOf(written, buckets)}))`;
  return [{ from, to, text }];
}

const textOf = (written: string, { from, to }: Expr): string => written.slice(from, to);

/** The largest few are other series in each window, and of each cohort. */
export const checkTopSeries: Check = ({ expr }) => {
  const found = everyOf(expr, 'aggregation').find(({ expr: { op } }) => picksSeries(op))?.expr;
  if (found === undefined) return null;
  const message = `'${found.op}' picks other series at every look, so that windows and cohorts are not the same thing measured twice`;
  const repair =
    found.op === 'topk' ? "take 'max', or the sum of all" : found.op === 'bottomk' ? "take 'min', or the sum of all" : 'take all series';
  return { code: 'top-series-only', at: { from: found.from, to: found.opEnd }, message, repair };
};

/** The 99th percentile is that of the share 0.99. */
export const checkShare: Check = ({ expr }) => {
  const shares = everyPart(expr).flatMap(({ expr: part }) => shareOf(part) ?? []);
  const [first] = shares.filter(({ value }) => value !== null && !(value >= 0 && value <= 1));
  if (first === undefined || first.value === null) return null;
  const meant = first.value > 1 && first.value < 100 ? Number((first.value / 100).toPrecision(12)) : null;
  const message = `a percentile is a share between 0 and 1, and this is ${first.value}: the answer is ${first.value > 1 ? '+' : '-'}Inf, whatever is released`;
  const edits = meant === null ? {} : { edits: [{ from: first.from, to: first.to, text: String(meant) }] };
  return {
    code: 'percentile-not-a-share',
    severity: 'error',
    at: first,
    message,
    repair: meant === null ? 'write 0.99' : `write ${meant}: {}`,
    ...edits,
  };
};

function shareOf(part: Expr): NumberLiteral | null {
  const takes =
    part.type === 'aggregation'
      ? part.op === 'quantile'
      : part.type === 'call' && /^(?:histogram_quantile|quantile_over_time)$/.test(part.name);
  const share = takes && 'args' in part && part.args[0] ? bare(part.args[0]) : null;
  return share?.type === 'number' ? share : null;
}
