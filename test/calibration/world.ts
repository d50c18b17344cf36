import { type CohortName, cohortNames, type MeasuredWindow, type Measurement, type Sample } from '../../src/domain/index.js';
import { normalCdf } from '../../src/statistics/index.js';
import { randomBurst, randomNormal, randomPoisson } from '../support/random.js';

/** Traffic of one rollout. Windows before 0 are those from before it: all of the traffic is the baseline's. */
interface Rollout {
  readonly windows: number;
  readonly windowSeconds: number;
  /** windows from before the rollout that the judge may learn from */
  readonly historyWindows: number;
  readonly requestsPerSecond: number;
  /** factor on the traffic */
  readonly load: (window: number) => number;
  /** canary's share of the traffic, in (0, 1) */
  readonly canaryShare: (window: number) => number;
}

/** Requests that fail or not, one such metric or several independent ones. */
export interface ErrorWorld extends Rollout {
  readonly kind: 'errors';
  /** names of the metrics */
  readonly metrics: readonly string[];
  /** share of the baseline's requests that fail */
  readonly baseline: (window: number) => number;
  /** share of the canary's requests that fail */
  readonly canary: (window: number, metric: number) => number;
  /** failures come in bursts of this many on average (geometric, never across windows); 1: each alone */
  readonly burst: number;
  /** standard deviation of the logarithm of the failing share from pod to pod */
  readonly podSpread: number;
  readonly pods: Readonly<Record<CohortName, number>>;
}

/** Log-normal durations in histograms of scale 3 (9 % wide buckets). */
export interface LatencyWorld extends Rollout {
  readonly kind: 'latency';
  readonly medianSeconds: number;
  readonly sigma: number;
  /** factor on the durations of both cohorts */
  readonly slowness: (window: number) => number;
  /** factor on the canary's durations */
  readonly canarySlowness: number;
}

/** A level sampled once a window: both cohorts share their shocks, the difference is AR(1) of standard deviation 1. */
export interface GaugeWorld extends Rollout {
  readonly kind: 'gauge';
  readonly autocorrelation: number;
  /** canary's level above the baseline's, in standard deviations */
  readonly shift: number;
}

export type World = ErrorWorld | LatencyWorld | GaugeWorld;

/** What a run gets to see: windows from before it, and its own. */
export interface DrawnWorld {
  readonly history: readonly MeasuredWindow[];
  readonly windows: readonly MeasuredWindow[];
}

/** The name of the only metric in worlds that have one. */
export const metricName = 'm';

const start = 1_700_000_040_000;

/**
 * One course of events, as the windows that the product would have measured.
 *
 * @param random  uniform in [0, 1); the same sequence gives the same windows
 */
export function drawWorld(world: World, random: () => number): DrawnWorld {
  const measure = measurerOf(world, random);
  const at = (index: number): MeasuredWindow => {
    const from = start + index * world.windowSeconds * 1000;
    return { from, to: from + world.windowSeconds * 1000, weight: shareOf(world, index), phase: 0, measurements: measure(index) };
  };
  const history = Array.from({ length: world.historyWindows }, (_, index) => at(index - world.historyWindows));
  return { history, windows: Array.from({ length: world.windows }, (_, index) => at(index)) };
}

const shareOf = (world: World, window: number): number => (window < 0 ? 0 : world.canaryShare(window));

function measurerOf(world: World, random: () => number): (window: number) => Measurement[] {
  switch (world.kind) {
    case 'errors':
      return errorMeasurer(world, random);
    case 'latency':
      return (window) => [latencyMeasurement(world, window, random)];
    case 'gauge':
      return gaugeMeasurer(world, random);
  }
}

/** Requests expected of a cohort in a window. */
function expectedOf(world: World, cohort: CohortName, window: number): number {
  const share = cohort === 'canary' ? shareOf(world, window) : 1 - shareOf(world, window);
  return world.requestsPerSecond * world.windowSeconds * world.load(window) * share;
}

const measurement = (metric: string, baseline: Sample, canary: Sample): Measurement => ({ metric, baseline, canary, warnings: [] });

function errorMeasurer(world: ErrorWorld, random: () => number): (window: number) => Measurement[] {
  const spread = (): number => Math.exp(world.podSpread * randomNormal(random) - world.podSpread ** 2 / 2);
  const factors = cohortNames.map((cohort) => Array.from({ length: world.pods[cohort] }, spread));
  const sampleOf = (window: number, metric: number, cohort: CohortName): Sample => {
    const ratio = cohort === 'canary' && window >= 0 ? world.canary(window, metric) : world.baseline(window);
    const ofPods = factors[cohortNames.indexOf(cohort)] ?? [];
    const pods = ofPods.map((factor, pod) => {
      const total = randomPoisson(expectedOf(world, cohort, window) / ofPods.length, random);
      return [`${cohort}-${pod}`, { total, events: failures(total, ratio * factor, world.burst, random) }] as const;
    });
    const sum = (what: 'total' | 'events'): number => pods.reduce((all, [, counts]) => all + counts[what], 0);
    return { kind: 'counts', total: sum('total'), events: sum('events'), pods: Object.fromEntries(pods) };
  };
  return (window) =>
    world.metrics.map((name, metric) => measurement(name, sampleOf(window, metric, 'baseline'), sampleOf(window, metric, 'canary')));
}

function failures(total: number, ratio: number, burst: number, random: () => number): number {
  if (ratio >= 1) return total;
  let events = 0;
  for (let left = randomPoisson((total * ratio) / burst, random); left > 0; left -= 1) events += randomBurst(burst, random);
  return Math.min(total, events);
}

const scale = 3;
/** 1 ms to 16 s */
const lowest = -80;
const buckets = 112;

function latencyMeasurement(world: LatencyWorld, window: number, random: () => number): Measurement {
  const sampleOf = (cohort: CohortName): Sample => {
    const factor = cohort === 'canary' ? world.canarySlowness : 1;
    const odds = oddsOf(Math.log(world.medianSeconds * world.slowness(window) * factor), world.sigma);
    const expected = expectedOf(world, cohort, window);
    const counts = odds.map((probability) => (probability * expected < 1e-7 ? 0 : randomPoisson(expected * probability, random)));
    return { kind: 'distribution', histogram: { kind: 'exponential', scale, zeroCount: 0, offset: lowest, counts } };
  };
  return measurement(metricName, sampleOf('baseline'), sampleOf('canary'));
}

/** Chance of each bucket (β^i, β^(i+1)]. */
function oddsOf(logMedian: number, sigma: number): number[] {
  const below = Array.from({ length: buckets + 1 }, (_, k) => normalCdf((((lowest + k) / 2 ** scale) * Math.LN2 - logMedian) / sigma));
  return Array.from({ length: buckets }, (_, k) => (below[k + 1] as number) - (below[k] as number));
}

function gaugeMeasurer(world: GaugeWorld, random: () => number): (window: number) => Measurement[] {
  const { autocorrelation: rho, shift } = world;
  let difference = randomNormal(random);
  let common = 0;
  return (window) => {
    difference = rho * difference + Math.sqrt(1 - rho ** 2) * randomNormal(random);
    common = 0.9 * common + randomNormal(random);
    const level = 50 + common;
    const canary = level + difference + (window < 0 ? 0 : shift);
    return [measurement(metricName, { kind: 'level', value: level }, { kind: 'level', value: canary })];
  };
}
