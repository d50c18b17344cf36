import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AssumedTraffic, TemplateForecast } from '../analysis/index.js';
import { closestName } from '../config/index.js';
import { share } from './gate-options.js';

/** What somebody typed about the traffic; absent where nothing was. */
export interface TrafficOptions {
  readonly rps?: RequestRates;
  readonly share?: number;
  readonly assume: Readonly<Record<string, number>>;
  readonly bursts: number;
  readonly harm: number;
}

interface RequestRates {
  readonly all: number | null;
  readonly byMetric: Readonly<Record<string, number>>;
}

/** Options that turn the linter into a forecast: how long would verdicts take under this traffic? */
export function addTrafficOptions(command: Command): Command {
  return command
    .option('--rps <rate>', 'requests per second of both cohorts: adds a forecast; metric=rate for a metric that counts fewer', addRate)
    .option('--share <share>', "canary's share of them, such as 5%; else the phases of the template, or 5%", share)
    .option(
      '--assume <metric=level>',
      'level of a metric: share of events (0.5%), or median in its unit (0.08); may be repeated',
      addLevel,
      {},
    )
    .addOption(new Option('--bursts <n>', 'how many requests fail together').argParser(atLeast(1)).default(1))
    .addOption(
      new Option('--harm <factor>', 'harm to be found: so many times the errors, so many times as slow').argParser(above(1)).default(2),
    );
}

/** Null where no traffic was assumed. A usage error where something was assumed of no traffic. */
export function assumedTraffic({ rps, share: typed, assume, bursts, harm }: TrafficOptions): AssumedTraffic | null {
  const requestsPerSecond = rps?.all ?? null;
  if (requestsPerSecond === null) {
    const isAsked = rps !== undefined || typed !== undefined || Object.keys(assume).length > 0;
    if (isAsked) throw new InvalidArgumentError('a forecast needs --rps RATE, the requests per second of both cohorts');
    return null;
  }
  return { requestsPerSecond, requestsByMetric: rps?.byMetric ?? {}, share: typed ?? null, levels: assume, phi: bursts, harm };
}

/**
 * What was assumed of metrics that no template has.
 *
 * @returns null, or what is wrong
 */
export function wrongNames(traffic: AssumedTraffic, forecasts: readonly TemplateForecast[]): string | null {
  const known = forecasts.flatMap(({ phases, without }) => [
    ...phases.flatMap(({ questions }) => questions.flatMap(({ name, metric }) => [name, metric])),
    ...without.map(({ metric }) => metric),
  ]);
  const wrong = [...Object.keys(traffic.levels), ...Object.keys(traffic.requestsByMetric)].find((name) => !known.includes(name));
  if (forecasts.length === 0 || wrong === undefined) return null;
  const meant = closestName(wrong, known);
  return `no metric is called '${wrong}': ${meant === null ? `there are ${[...new Set(known)].join(', ')}` : `did you mean '${meant}'?`}`;
}

function addRate(text: string, earlier: RequestRates | undefined): RequestRates {
  const { all, byMetric } = earlier ?? { all: null, byMetric: {} };
  if (!text.includes('=')) return { all: positive(text), byMetric };
  const [name, value] = pair(text);
  return { all, byMetric: { ...byMetric, [name]: positive(value) } };
}

function addLevel(text: string, earlier: Readonly<Record<string, number>>): Record<string, number> {
  const [name, value] = pair(text);
  return { ...earlier, [name]: value.endsWith('%') ? positive(value.slice(0, -1), 0) / 100 : positive(value, 0) };
}

function pair(text: string): [string, string] {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new InvalidArgumentError('give metric=value');
  return [text.slice(0, at), text.slice(at + 1)];
}

const atLeast = (least: number) => (text: string) => {
  const value = positive(text);
  if (value < least) throw new InvalidArgumentError(`give a number from ${least} to ${largest}`);
  return value;
};

const above = (bound: number) => (text: string) => {
  const value = positive(text);
  if (!(value > bound)) throw new InvalidArgumentError(`give a number above ${bound}, at most ${largest}`);
  return value;
};

const largest = 1_000_000_000;

function positive(text: string, least = Number.MIN_VALUE): number {
  const value = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= largest))
    throw new InvalidArgumentError(
      `give a number ${least === 0 ? 'from' : 'above'} 0${least === 0 ? ' to' : ', at most'} ${largest}, in digits, such as 20`,
    );
  return value;
}
