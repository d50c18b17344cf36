import { type Cell, type ClosedWindow, type CohortName, cohortNames } from '../../src/domain/index.js';
import { normalCdf } from '../../src/statistics/index.js';
import { randomBurst, randomNormal, randomPoisson } from './random.js';

/** What a cohort is like. Two equal cohorts are an A/A world. */
export interface Behaviour {
  /** share of requests that fail, on average */
  readonly errorRatio: number;
  /** of the log-normal latency */
  readonly medianSeconds: number;
  readonly sigma: number;
  readonly pods: number;
}

/** Traffic of one service while a canary rolls out. */
export interface World {
  readonly service: string;
  /** start of the first window, ms; a multiple of the window length */
  readonly from: number;
  readonly windows: number;
  readonly windowSeconds: number;
  readonly requestsPerSecond: number;
  readonly cohorts: Readonly<Record<CohortName, Behaviour>>;
  /** canary's share of the traffic in this window */
  readonly canaryShare: (window: number) => number;
  /** errors come in bursts of this many on average; 1: each alone */
  readonly burst: number;
  /** common to both cohorts: factor on traffic and errors in this window, and on latency */
  readonly load: (window: number) => number;
  readonly slowness: (window: number) => number;
  /** standard deviation of the logarithm of the error ratio from pod to pod */
  readonly podSpread: number;
}

const scale = 3;
/** 1 ms to 8 s */
const lowest = -80;
const buckets = 104;

/** Two cohorts of equal behaviour at 100 requests a second: independent errors, even load, half of the traffic each. */
export function evenWorld(service: string, behaviour: Partial<Behaviour> = {}): World {
  const same = { errorRatio: 0.005, medianSeconds: 0.1, sigma: 0.6, pods: 1, ...behaviour };
  return {
    service,
    from: 1_700_000_040_000,
    windows: 240,
    windowSeconds: 15,
    requestsPerSecond: 100,
    cohorts: { baseline: same, canary: same },
    canaryShare: () => 0.5,
    burst: 1,
    load: () => 1,
    slowness: () => 1,
    podSpread: 0,
  };
}

/**
 * What production is like: errors come in bursts, pods differ, traffic and latency follow the day, and the canary's share grows in steps.
 *
 * @param stepWindows  windows at 5 %, then at 20 %, before half of the traffic is the canary's
 */
export function roughWorld(service: string, stepWindows = 16): World {
  const even = evenWorld(service);
  const { baseline, canary } = even.cohorts;
  return {
    ...even,
    requestsPerSecond: 600,
    cohorts: { baseline: { ...baseline, pods: 6 }, canary: { ...canary, pods: 2 } },
    canaryShare: (window) => (window < stepWindows ? 0.05 : window < 2 * stepWindows ? 0.2 : 0.5),
    burst: 3,
    load: (window) => 1 + 0.5 * Math.sin(window / 38),
    slowness: (window) => 1 + 0.2 * Math.sin(window / 38),
    podSpread: 0.1,
  };
}

/** The same world with a canary that is worse: so many times the errors, so many times the latency. */
export function withHarm(world: World, { errors = 1, slowness = 1 }: { errors?: number; slowness?: number }): World {
  const { baseline, canary } = world.cohorts;
  const worse = { ...canary, errorRatio: canary.errorRatio * errors, medianSeconds: canary.medianSeconds * slowness };
  return { ...world, cohorts: { baseline, canary: worse } };
}

/**
 * Closed windows as ingest would keep them, drawn from a world. Poisson arrivals; latencies are drawn as counts of a scale-3 histogram,
 * which for Poisson arrivals is exact and a hundred times faster than drawing each request.
 *
 * @param random  uniform in [0, 1); the same sequence gives the same windows
 */
export function* simulateWindows(world: World, random: () => number): Generator<ClosedWindow> {
  const podFactors = cohortNames.map((cohort) =>
    Array.from({ length: world.cohorts[cohort].pods }, () => Math.exp(world.podSpread * randomNormal(random) - world.podSpread ** 2 / 2)),
  );
  const windowMs = world.windowSeconds * 1000;
  for (let index = 0; index < world.windows; index += 1) {
    const canary = world.canaryShare(index);
    const cells = cohortNames.flatMap((cohort, side) => {
      const odds = latencyOdds(world.cohorts[cohort].medianSeconds * world.slowness(index), world.cohorts[cohort].sigma);
      const share = cohort === 'canary' ? canary : 1 - canary;
      return (podFactors[side] ?? []).flatMap((factor, pod) => podCells(world, { cohort, index, factor, pod, share, odds }, random));
    });
    const from = world.from + index * windowMs;
    yield { service: world.service, from, to: from + windowMs, cells, flags: { late: 0, overflow: 0 } };
  }
}

interface Place {
  readonly cohort: CohortName;
  readonly index: number;
  readonly factor: number;
  readonly pod: number;
  readonly share: number;
  readonly odds: readonly number[];
}

/** One pod in one window: a cell of requests that went well, and one of those that failed. */
function podCells(world: World, { cohort, index, factor, pod, share, odds }: Place, random: () => number): Cell[] {
  const { errorRatio, pods } = world.cohorts[cohort];
  const load = world.load(index);
  const expected = (world.requestsPerSecond * world.windowSeconds * share * load) / pods;
  const failing = Math.min(1, errorRatio * factor * load);
  const good = odds.map((probability) => randomPoisson(expected * (1 - failing) * probability, random));
  const bad = new Array<number>(buckets).fill(0);
  for (let burst = randomPoisson((expected * failing) / world.burst, random); burst > 0; burst -= 1) {
    for (let error = randomBurst(world.burst, random); error > 0; error -= 1) drawInto(bad, odds, random);
  }
  const attributes = { 'service.name': world.service, 'service.version': cohort, 'k8s.pod.name': `${cohort}-${pod}`, kind: 'server' };
  return [
    spanCell({ ...attributes, 'http.route': '/', status: 'unset' }, good),
    spanCell({ ...attributes, 'http.route': '/', status: 'error' }, bad),
  ].filter(({ count }) => count > 0);
}

/** Chance of each bucket (β^i, β^(i+1)] of the histogram. */
function latencyOdds(medianSeconds: number, sigma: number): number[] {
  const below = (index: number): number => normalCdf(((index / 2 ** scale) * Math.LN2 - Math.log(medianSeconds)) / sigma);
  return Array.from({ length: buckets }, (_, offset) => below(lowest + offset + 1) - below(lowest + offset));
}

function drawInto(counts: number[], odds: readonly number[], random: () => number): void {
  let left = random();
  const drawn = odds.findIndex((probability) => {
    left -= probability;
    return left < 0;
  });
  const bucket = drawn < 0 ? buckets - 1 : drawn;
  counts[bucket] = (counts[bucket] ?? 0) + 1;
}

function spanCell(attributes: Cell['attributes'], counts: readonly number[]): Cell {
  return {
    signal: 'span',
    instrument: null,
    attributes,
    count: counts.reduce((total, count) => total + count, 0),
    sum: 0,
    sumOfSquares: 0,
    last: 0,
    histogram: { kind: 'exponential', scale, zeroCount: 0, offset: lowest, counts },
  };
}
