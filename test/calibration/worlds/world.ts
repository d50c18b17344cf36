import { type CohortName, type MeasuredWindow, type Measurement, type Sample } from '../../../src/domain/index.js';

/** Traffic of one rollout. Windows before 0 are those from before it: all of the traffic is the baseline's. */
export interface Rollout {
  readonly windows: number;
  readonly windowSeconds: number;
  /** windows from before the rollout that the judge may learn from */
  readonly historyWindows: number;
  readonly requestsPerSecond: number;
  /** factor on the traffic */
  readonly load: (window: number) => number;
  /** canary's share of the traffic, in (0, 1]; 1 where the baseline is earlier */
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
  /** the baseline is what ran at the same time of earlier days; null: it runs beside the canary */
  readonly earlier: EarlierDays | null;
}

/** Days are never alike: standard deviations of the logarithm of the failing share. */
export interface EarlierDays {
  readonly days: number;
  /** from day to day */
  readonly daySpread: number;
  /** within a day, over about twelve minutes */
  readonly slowSpread: number;
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
  /** standard deviation of the logarithm of what each cohort adds of its own in a window: clusters of slow requests */
  readonly ownNoise: number;
}

/** A level sampled once a window. Each pod has noise of its own, AR(1), such that the cohorts differ with standard deviation 1. */
export interface GaugeWorld extends Rollout {
  readonly kind: 'gauge';
  readonly autocorrelation: number;
  /** null: only the level of each cohort is known, as if of one pod */
  readonly pods: Readonly<Record<CohortName, number>> | null;
  /** standard deviation of the shocks that all pods share, a slow AR(1) */
  readonly common: number;
  /** canary's level above the baseline's, in standard deviations of the difference */
  readonly shift: number;
}

/** Log-normal values, one per request. */
export interface MeanWorld extends Rollout {
  readonly kind: 'mean';
  readonly sigma: number;
  /** mean of the baseline's values */
  readonly level: (window: number) => number;
  /** factor on the canary's values */
  readonly factor: number;
  /** how many requests with one and the same value each user sends, never across windows; 1: each is independent */
  readonly sameOfUser: number;
}

/** Events per second of work: retries, restarts, collections. */
export interface RateWorld extends Rollout {
  readonly kind: 'rate';
  /** seconds of work that a request takes */
  readonly secondsPerRequest: number;
  /** events per second of the baseline's work */
  readonly baseline: (window: number) => number;
  /** factor on the canary's events */
  readonly factor: number;
  readonly burst: number;
}

export type World = ErrorWorld | LatencyWorld | GaugeWorld | MeanWorld | RateWorld;

/** What a run gets to see: windows from before it, and its own. */
export interface DrawnWorld {
  readonly history: readonly MeasuredWindow[];
  readonly windows: readonly MeasuredWindow[];
}

/** The name of the only metric in worlds that have one. */
export const metricName = 'm';

export const shareOf = (world: World, window: number): number => (window < 0 ? 0 : world.canaryShare(window));

/** Requests expected of a cohort in a window. */
export function expectedOf(world: World, cohort: CohortName, window: number): number {
  const share = cohort === 'canary' ? shareOf(world, window) : 1 - shareOf(world, window);
  return world.requestsPerSecond * world.windowSeconds * world.load(window) * share;
}

export const measurement = (metric: string, baseline: Sample, canary: Sample): Measurement => ({ metric, baseline, canary, warnings: [] });
