import { typeOf } from './check-types.js';
import type { Check, Edit, Question } from './finding.js';
import { isPerSeries, mayCarry } from './labels-kept.js';
import { type Aggregation, type Binary, bare, type Expr, everyOf, type LabelMatch, type Selector, selectorsIn } from './syntax.js';

/** Series are divided by those with the same labels: without a sum, errors by errors. */
export const checkRatio: Check = (question) => {
  const divisions = everyOf(question.expr, 'binary').map(({ expr }) => expr);
  for (const binary of divisions) {
    const message = /^[-+*/%]$/.test(binary.op) && binary.matching === null ? mismatch(binary) : null;
    if (message === null) continue;
    const edits = [binary.left, binary.right].flatMap((side) => (isPerSeries(side) ? summed(question, side) : []));
    const repair = edits.length > 0 ? 'add both sides up first: {}' : "add both sides up by the same labels, or name them with 'on (…)'";
    return { code: 'ratio-without-aggregation', at: binary.opAt, message, repair, ...(edits.length > 0 ? { edits } : {}) };
  }
  return null;
};

function mismatch({ op, left, right }: Binary): string | null {
  if (typeOf(left) === 'scalar' || typeOf(right) === 'scalar') return null;
  if (isPerSeries(left) && isPerSeries(right)) return op === '/' ? matchedWithItself(left, right) : null;
  const lost = groupLabels(left)
    .concat(groupLabels(right))
    .find((label) => mayCarry(left, label) !== mayCarry(right, label));
  if (isPerSeries(left) === isPerSeries(right) && lost === undefined) return null;
  if (isPerSeries(left) === isPerSeries(right))
    return `only one side of '${op}' carries the label '${lost}': no series has a partner, and there is no answer`;
  return `one side of '${op}' is added up and the other is not: no series has a partner, and there is no answer`;
}

const groupLabels = (expr: Expr): readonly string[] =>
  everyOf(expr, 'aggregation').flatMap(({ expr: { grouping } }) => (grouping?.kind === 'by' ? grouping.labels : []));

/** Both sides read one metric, one of them with a condition more: of its series each finds itself. */
function matchedWithItself(left: Expr, right: Expr): string | null {
  for (const one of selectorsIn(left)) {
    for (const other of selectorsIn(right)) {
      const extra = one.name === other.name ? differing(one, other) : null;
      if (extra !== null)
        return `each series with this '${extra.label}' is divided by itself: the ratio is 1 whatever share it is, and the rest is dropped`;
    }
  }
  return null;
}

function differing({ matchers }: Selector, other: Selector): LabelMatch | null {
  const same = (a: LabelMatch, b: LabelMatch): boolean => a.label === b.label && a.operator === b.operator && a.value === b.value;
  const more = matchers.find((match) => match.label !== '__name__' && !other.matchers.some((each) => same(match, each)));
  return more ?? other.matchers.find((match) => match.label !== '__name__' && !matchers.some((each) => same(match, each))) ?? null;
}

function summed({ context: { cohorts, cohortLabel } }: Question, side: Expr): Edit[] {
  const by = cohorts === 'answer' && cohortLabel ? ` by (${cohortLabel}) ` : '';
  const isWrapped = side.type === 'paren';
  return [
    { from: side.from, to: side.from, text: `sum${by}${isWrapped ? '' : '('}` },
    { from: side.to, to: side.to, text: isWrapped ? '' : ')' },
  ].filter(({ text }) => text !== '');
}

const perInstance = /^(?:pod|pod_name|pod_ip|uid|instance|container_id|id|host_ip|name|replica|address|ip)$/;

/** A join of every pod with every pod, of which the sum is never taken. */
export const checkJoin: Check = ({ expr }) => {
  for (const { expr: binary, within } of everyOf(expr, 'binary')) {
    const { matching } = binary;
    if (matching === null || matching.join === null) continue;
    const label = matching.kind === 'on' ? matching.labels.find((each) => perInstance.test(each)) : undefined;
    if (label === undefined || within.some(isAddedUp)) continue;
    const message = `'${matching.join}' joins series by '${label}', and nothing adds them up: the answer grows with the number of pods, and a restarted pod ends it`;
    return {
      code: 'high-cardinality-join',
      at: matching,
      message,
      repair: 'add the join up: sum by (…) (…), or put the label on the metric with a recording rule',
    };
  }
  return null;
};

const isAddedUp = (expr: Expr): boolean => bare(expr).type === 'aggregation' && !isPerSeries(expr as Aggregation);
