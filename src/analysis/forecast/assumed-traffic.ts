/** What somebody believes of a service before a rollout; a forecast is no better than this. */
export interface AssumedTraffic {
  /** of both cohorts together, > 0 */
  readonly requestsPerSecond: number;
  /** the same for metrics that count only a part of the requests */
  readonly requestsByMetric: Readonly<Record<string, number>>;
  /** share of the canary, in (0, 1]; null: the weights of the template's phases, 5 % where it has none */
  readonly share: number | null;
  /** by metric: share of events of a proportion, events per count of a rate, median of a distribution in the metric's unit */
  readonly levels: Readonly<Record<string, number>>;
  /** dispersion, ≥ 1: how many requests fail together */
  readonly phi: number;
  /** harm that should be found: so many times the events, so many times as slow; > 1 */
  readonly harm: number;
}

/** Share of events where nothing is said of a metric. */
export const usualEventShare = 0.005;

/** Standard deviation of the logarithm of a duration: between most requests of one kind (0.3) and all of a service (1). */
export const usualSpread = 0.6;

export const usualWeight = 0.05;

/** What was said of one metric; its name may be that of something every object has. */
export const saidOf = (numbers: Readonly<Record<string, number>>, metric: string): number | undefined =>
  Object.hasOwn(numbers, metric) ? numbers[metric] : undefined;
