import type { Check, Edit, Question } from './finding.js';
import { type Call, type Expr, everyOf, type RangeOf, type Selector, selectorsIn, type Visited } from './syntax.js';

const needsTwoSamples = /^(?:rate|irate|increase|delta|idelta|deriv|predict_linear)$/;
/** `irate` is not among them: it looks at the last two samples, however long its range is. */
const wholeRange = /^(?:rate|increase|delta|deriv|changes|resets)$/;
const overTime = /^(?:rate|irate|increase|delta|idelta|deriv|changes|resets)$/;

/** A difference needs two samples, and a range shorter than two scrapes has one or none. */
export const checkScrapes: Check = ({ expr, context: { scrapeSeconds = 15, windowSeconds } }) => {
  const short = rangesOf(expr, needsTwoSamples).filter(
    ({ range }) => range.range.seconds !== null && range.range.seconds < 2 * scrapeSeconds,
  );
  const [first] = short;
  if (first === undefined) return null;
  const { call, range } = first;
  const seconds = range.range.seconds ?? 0;
  const message = `'${call.name}' over ${spoken(seconds)} sees fewer than two scrapes, one every ${spoken(scrapeSeconds)}: it has no answer, or one now and then`;
  const enough = spoken(Math.max(4 * scrapeSeconds, windowSeconds ?? 0));
  return {
    code: 'range-below-two-scrapes',
    at: range.range,
    message,
    repair: 'look over four scrapes: {}',
    edits: short.map((each) => put(each.range, enough)),
  };
};

/** A range that is longer than the window counts the same thing several times, a shorter one misses some of it. */
export const checkWindow: Check = ({ expr, context }) => {
  const { windowSeconds, scrapeSeconds = 15, reads, intervalArgument } = context;
  const fixed = rangesOf(expr, wholeRange).filter(({ range }) => range.range.seconds !== null);
  const least = 2 * scrapeSeconds;
  if (reads === 'counter') return null;
  const odd = fixed.filter(({ range }) => {
    const seconds = range.range.seconds ?? 0;
    if (seconds < least) return false;
    if (intervalArgument !== undefined) return true;
    if (windowSeconds === undefined) return false;
    return seconds !== windowSeconds && !(windowSeconds < least && seconds <= 4 * scrapeSeconds);
  });
  const [first] = odd;
  if (first === undefined) return null;
  const seconds = first.range.range.seconds ?? 0;
  const edits = odd.map((each) =>
    put(each.range, intervalArgument === undefined ? spoken(Math.max(windowSeconds ?? 0, least)) : `\${${intervalArgument}}`),
  );
  return {
    code: 'range-is-not-window',
    at: first.range.range,
    message: aboutWindow(seconds, windowSeconds),
    repair: 'look over one window: {}',
    edits,
  };
};

function aboutWindow(seconds: number, windowSeconds: number | undefined): string {
  const range = `the range is always ${spoken(seconds)}`;
  if (windowSeconds === undefined || windowSeconds === seconds) return `${range}, whatever the interval between two looks is`;
  return seconds > windowSeconds
    ? `${range}, and a window is ${spoken(windowSeconds)}: what happens once is counted in ${Math.ceil(seconds / windowSeconds)} windows`
    : `${range}, and a window is ${spoken(windowSeconds)}: what happens in the rest of it is not seen`;
}

interface CalledRange {
  readonly call: Call;
  readonly range: RangeOf;
}

const rangesOf = (expr: Expr, names: RegExp): CalledRange[] =>
  everyOf(expr, 'call').flatMap(({ expr: call }) =>
    names.test(call.name) ? call.args.flatMap((each) => (rangeIn(each) === null ? [] : [{ call, range: rangeIn(each) as RangeOf }])) : [],
  );

function rangeIn(expr: Expr): RangeOf | null {
  if (expr.type === 'range') return expr;
  return expr.type === 'paren' || expr.type === 'shifted' ? rangeIn(expr.of) : null;
}

const put = ({ range }: RangeOf, text: string): Edit => ({ from: range.from, to: range.to, text });

/** A counter says how much there was since its process started. */
export const checkBareCounter: Check = ({ expr, context }) => {
  if (context.reads === 'counter') return null;
  const names = new Set(selectorsIn(expr).map(({ name }) => name));
  const found = everyOf(expr, 'selector').filter((visited) => isCounter(visited.expr, names) && !isDifferenced(visited));
  const [first] = found;
  if (first === undefined || first.expr.name === null) return null;
  const range = context.intervalArgument ? `\${${context.intervalArgument}}` : spoken(rateWindow(context));
  const message = `'${first.expr.name}' counts since its process started: a pod that runs for long hides what happens now, and a new one starts at zero`;
  const edits = found.flatMap(({ expr: { from, to }, within }) => {
    const isShifted = within[0]?.type === 'shifted' || within[0]?.type === 'range';
    return isShifted
      ? []
      : [
          { from, to: from, text: 'rate(' },
          { from: to, to, text: `[${range}])` },
        ];
  });
  const isPlain = expr.type === 'selector' && context.cohorts === 'added';
  const repair = isPlain ? "measure it as 'rate' or 'proportion', which take exact differences; or ask {}" : 'look at the change: {}';
  return { code: 'counter-without-rate', at: first.expr, message, repair, ...(edits.length === 2 * found.length ? { edits } : {}) };
};

const rateWindow = ({ windowSeconds, scrapeSeconds = 15 }: Question['context']): number => Math.max(windowSeconds ?? 0, 4 * scrapeSeconds);

const measured = /_(?:seconds|milliseconds|ms|bytes|size|duration|latency|time)$/;

/** By its name; `_count` and `_sum` are gauges' names, too, so they must say what they count. */
export function isCounter({ name }: Selector, names: ReadonlySet<string | null>): boolean {
  if (name === null) return false;
  if (/_(?:total|bucket)$/.test(name)) return true;
  const [, base, part] = /^(.+)_(count|sum)$/.exec(name) ?? [];
  return base !== undefined && (measured.test(base) || names.has(`${base}_${part === 'sum' ? 'count' : 'sum'}`));
}

const needsNoRate = /^(?:count|group|count_values|timestamp|start_timestamp|absent|present_over_time|absent_over_time|count_over_time)$/;

/** Something takes its change, or only asks whether it is there. */
function isDifferenced({ expr, within }: Visited<Selector>): boolean {
  let inside: Expr = expr;
  for (const outer of within) {
    if (outer.type === 'call' && (overTime.test(outer.name) || needsNoRate.test(outer.name) || outer.name === 'predict_linear'))
      return true;
    if (outer.type === 'aggregation' && needsNoRate.test(outer.op)) return true;
    if (
      outer.type === 'binary' &&
      inside === outer.right &&
      (outer.op === 'and' || outer.op === 'unless' || outer.matching?.join === 'group_left')
    )
      return true;
    inside = outer;
  }
  return false;
}

/** Names of what a process measures by itself, and does not count. */
const level =
  /_(?:max|min|avg|mean|current|ratio|percent|usage_bytes|resident_memory_bytes|in_flight|goroutines|threads|temperature_celsius)$/;
const ofCounters = /^(?:rate|irate|increase)$/;

/** A rate takes every fall of a level for a restart, and adds it up. */
export const checkRateOfLevel: Check = ({ expr }) => {
  for (const { call, range } of rangesOf(expr, ofCounters)) {
    const [selector] = selectorsIn(range.of);
    if (selector?.name === undefined || selector.name === null || !level.test(selector.name)) continue;
    const message = `'${selector.name}' is a level, and no counter: '${call.name}' takes each time it falls for a restart, and adds up noise`;
    const at = { from: call.from, to: call.from + call.name.length };
    return {
      code: 'rate-of-level',
      at,
      message,
      repair: "ask for the level itself, or 'delta' for its change; count with the counter beside it",
    };
  }
  return null;
};

/** Series of another time belong to another release. */
export const checkOffset: Check = ({ expr, context: { cohorts } }) => {
  const shifted = everyOf(expr, 'shifted').map(({ expr: each }) => each);
  const [first] = shifted;
  if (first === undefined) return null;
  const now = everyOf(expr, 'selector').some(({ within }) => !within.some(({ type }) => type === 'shifted'));
  const message = now
    ? 'one part of the query is of now and the other of before: releases, traffic and time of day are mixed'
    : 'the query asks about the past: it says nothing about what is released now';
  const repair =
    cohorts === 'query'
      ? 'compare with a baseline that runs now'
      : "remove it; for days of before there is 'cohorts.baseline: { before: 1d }'";
  return {
    code: 'offset-mixes-cohorts',
    at: first.shift,
    message,
    repair: `${repair}: {}`,
    edits: shifted.map(({ of, to }) => ({ from: of.to, to, text: '' })),
  };
};

/** `90s` as people write it in a range. */
function spoken(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60}m`;
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}
