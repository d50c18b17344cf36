import { isCounter } from './check-ranges.js';
import type { Check } from './finding.js';
import { bare, type Call, everyOf, everyPart, selectorsIn } from './syntax.js';

const takesLevels = /^(?:delta|idelta|deriv|predict_linear|count_over_time)$/;

/** A restart makes a counter fall, which these take for a change; and the number of scrapes is no number of events. */
export const checkLevelOfCounter: Check = ({ expr, written }) => {
  const names = new Set(selectorsIn(expr).map(({ name }) => name));
  const found = everyOf(expr, 'call').find(
    ({ expr: call }) => takesLevels.test(call.name) && selectorsOf(call).some((each) => isCounter(each, names)),
  );
  if (found === undefined) return null;
  const { from, name } = found.expr;
  const counter = selectorsOf(found.expr)[0]?.name ?? '';
  const message =
    name === 'count_over_time'
      ? `'count_over_time' counts how often '${counter}' was scraped, and not what it counts: the answer is the same whatever is released`
      : `'${counter}' is a counter: '${name}' takes each restart for a fall, so that a crashing canary looks better`;
  const to = from + name.length;
  const isPlain = name !== 'predict_linear' && written.slice(from, to) === name;
  const edits = isPlain ? { edits: [{ from, to, text: name === 'deriv' ? 'rate' : 'increase' }] } : {};
  return { code: 'level-of-counter', at: { from, to }, message, repair: 'look at its growth: {}', ...edits };
};

const selectorsOf = (call: Call) => call.args.flatMap((each) => selectorsIn(each));

/** The sum falls when one pod restarts, and `rate` takes that for a restart of all of them. */
export const checkRateOfSum: Check = ({ expr }) => {
  for (const { expr: call } of everyOf(expr, 'call')) {
    if (!/^(?:rate|irate|increase)$/.test(call.name)) continue;
    const sum = call.args.flatMap((each) => [...everyPart(each)]).find(({ expr: part }) => part.type === 'aggregation')?.expr;
    if (sum?.type !== 'aggregation') continue;
    const message = `'${call.name}' of a '${sum.op}': when one pod restarts the whole falls, and all that was ever counted is counted again`;
    return {
      code: 'rate-of-sum',
      at: { from: sum.from, to: sum.opEnd },
      message,
      repair: `first the rate, then the sum: sum by (…) (${call.name}(…[1m]))`,
    };
  }
  return null;
};

/** Buckets count, so what belongs together is added up. */
export const checkBucketsAddedUp: Check = ({ expr }) => {
  for (const { expr: call } of everyOf(expr, 'call')) {
    const of = call.name === 'histogram_quantile' ? bare(call.args.at(-1) ?? call) : null;
    if (of?.type !== 'aggregation' || !/^(?:avg|max|min)$/.test(of.op)) continue;
    const message = `'${of.op}' of buckets: a bucket is a count, and only sums of them are those of one distribution; pods weigh the same whatever they serve, or one bucket is of another pod than the next`;
    const at = { from: of.from, to: of.from + of.op.length };
    return { code: 'buckets-not-added-up', at, message, repair: 'add them up: {}', edits: [{ ...at, text: 'sum' }] };
  }
  return null;
};
