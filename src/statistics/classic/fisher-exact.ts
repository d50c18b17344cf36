import type { Interval } from '../interval.js';
import { bracketedRoot } from '../special/bracketed-root.js';
import { logGamma } from '../special/log-gamma.js';
import type { Proportion } from './two-proportion-z.js';

export interface FisherTest {
  /** against "both proportions are as the tested odds ratio says" */
  readonly pTwoSided: number;
  /** against "the first is not larger" */
  readonly pGreater: number;
  /** against "the first is not smaller" */
  readonly pLess: number;
  /** conditional maximum likelihood */
  readonly oddsRatio: number;
  readonly interval: Interval;
}

/**
 * Fisher's exact test of two proportions, with its interval. Not valid under peeking.
 *
 * Agrees with R's fisher.test; two-sided is the chance of all tables at most as likely as this one.
 *
 * @param confidence     of the interval of the odds ratio, in (0, 1)
 * @param nullOddsRatio  as {@link fisherChances}
 * @see Fisher (1935); Cornfield (1956) for the interval
 */
export function fisherExact(first: Proportion, second: Proportion, confidence = 0.95, nullOddsRatio = 1): FisherTest {
  const { lowest, highest, chances } = hypergeometric(first, second);
  const observed = first.events;
  const tail = (1 - confidence) / 2;
  const atLeast = (logOdds: number): number => sumOf(chances(logOdds).subarray(observed - lowest));
  const atMost = (logOdds: number): number => sumOf(chances(logOdds).subarray(0, observed - lowest + 1));
  const meanEvents = (logOdds: number): number => chances(logOdds).reduce((sum, chance, i) => sum + chance * (lowest + i), 0);
  return {
    ...fisherChances(first, second, nullOddsRatio),
    oddsRatio: observed === lowest ? 0 : observed === highest ? Infinity : oddsAt((logOdds) => meanEvents(logOdds) - observed),
    interval: {
      low: observed === lowest ? 0 : oddsAt((logOdds) => atLeast(logOdds) - tail),
      high: observed === highest ? Infinity : oddsAt((logOdds) => tail - atMost(logOdds)),
    },
  };
}

/**
 * The p-values of Fisher's exact test alone, which are far quicker than its interval. Not valid under peeking.
 *
 * @param nullOddsRatio  the odds ratio that is tested, > 0: a margin for odds; 1 is "no difference"
 * @throws {RangeError} nullOddsRatio ≤ 0 or NaN
 * @see Fisher (1935), The logic of inductive inference
 */
export function fisherChances(
  first: Proportion,
  second: Proportion,
  nullOddsRatio = 1,
): Pick<FisherTest, 'pTwoSided' | 'pGreater' | 'pLess'> {
  if (!(nullOddsRatio > 0)) throw new RangeError(`the odds ratio must be > 0, got ${nullOddsRatio}`);
  const { lowest, chances } = hypergeometric(first, second);
  const tables = chances(Math.log(nullOddsRatio));
  const observed = first.events - lowest;
  const likelihood = tables[observed] as number;
  return {
    pTwoSided: Math.min(1, sumOf(tables.filter((chance) => chance <= likelihood * (1 + 1e-7)))),
    pGreater: Math.min(1, sumOf(tables.subarray(observed))),
    pLess: Math.min(1, sumOf(tables.subarray(0, observed + 1))),
  };
}

/** Chances of every possible number of events of the first cohort, given the totals, at a log odds ratio. */
function hypergeometric(first: Proportion, second: Proportion) {
  const events = first.events + second.events;
  const lowest = Math.max(0, events - second.total);
  const highest = Math.min(first.total, events);
  const logWeights = Float64Array.from({ length: highest - lowest + 1 }, (_, i) => {
    return logChoose(first.total, lowest + i) + logChoose(second.total, events - lowest - i);
  });
  const chances = (logOdds: number): Float64Array => {
    const tilted = logWeights.map((weight, i) => weight + logOdds * (lowest + i));
    const largest = tilted.reduce((a, b) => Math.max(a, b));
    const relative = tilted.map((weight) => Math.exp(weight - largest));
    const total = sumOf(relative);
    return relative.map((weight) => weight / total);
  };
  return { lowest, highest, chances };
}

const logChoose = (total: number, chosen: number): number => logGamma(total + 1) - logGamma(chosen + 1) - logGamma(total - chosen + 1);

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** Odds ratio at which an increasing function of its logarithm crosses 0. */
function oddsAt(increasing: (logOdds: number) => number): number {
  let reach = 1;
  while (increasing(-reach) > 0 || increasing(reach) < 0) reach *= 2;
  return Math.exp(bracketedRoot(increasing, -reach, reach, { relative: 0, absolute: 1e-12 }));
}
