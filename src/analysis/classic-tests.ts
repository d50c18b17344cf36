import type { Measurement, Sample } from '../domain/index.js';
import {
  type AffineMargin,
  betaBinomialSuperiority,
  bootstrapHistogramDifference,
  everything,
  fisherChances,
  type Histogram,
  HistogramSum,
  type Interval,
  kolmogorovSmirnov,
  type Moments,
  mannWhitney,
  type Proportion,
  proportionDifferenceInterval,
  proportionMarginTest,
  welchOfMoments,
} from '../statistics/index.js';

/** What a test says of canary against ratio · baseline + offset. */
export interface TestedOnce {
  /** against "the canary is not above"; NaN: no evidence */
  readonly pGreater: number;
  /** against "the canary is not below"; NaN: no evidence */
  readonly pLess: number;
  /** of canary − baseline, 95 % */
  readonly interval: Interval;
}

/** One number of each cohort a window. */
export interface WindowValues {
  readonly baseline: readonly number[];
  readonly canary: readonly number[];
}

export const noEvidence: TestedOnce = { pGreater: Number.NaN, pLess: Number.NaN, interval: everything };

/** Both counts of each cohort, over all windows in which both had some. */
export interface TwoCounts {
  readonly baseline: Proportion;
  readonly canary: Proportion;
}

/** @param test  of two proportions */
export function testCounts(
  test: 'two-proportion' | 'fisher' | 'beta-binomial',
  { baseline, canary }: TwoCounts,
  margin: AffineMargin,
): TestedOnce {
  if (baseline.total === 0 || canary.total === 0) return noEvidence;
  const interval = proportionDifferenceInterval(canary, baseline);
  switch (test) {
    case 'two-proportion':
      return { ...proportionMarginTest(canary, baseline, margin), interval };
    case 'fisher':
      return margin.ratio > 0 ? { ...fisherChances(canary, baseline, margin.ratio), interval } : noEvidence;
    case 'beta-binomial': {
      const above = betaBinomialSuperiority(canary, baseline, margin);
      return { pGreater: 1 - above, pLess: above, interval };
    }
  }
}

/** Values of windows, each taken as one independent observation. */
export function testValues(
  test: 'mann-whitney' | 'welch' | 'kolmogorov-smirnov',
  { baseline, canary }: WindowValues,
  margin: AffineMargin,
): TestedOnce {
  if (baseline.length < 2 || canary.length < 2) return noEvidence;
  const tolerated = baseline.map((value) => margin.ratio * value + margin.offset);
  switch (test) {
    case 'mann-whitney': {
      const method = methodFor(canary, tolerated);
      const { interval } = mannWhitney(canary, baseline, { method: methodFor(canary, baseline) });
      const [above, below] = [mannWhitney(canary, tolerated, { method }), mannWhitney(tolerated, canary, { method })];
      return { pGreater: above.pGreater, pLess: below.pGreater, interval };
    }
    case 'welch':
      return testMeans(momentsOf(canary), momentsOf(baseline), margin);
    case 'kolmogorov-smirnov': {
      const [above, below] = [kolmogorovSmirnov(canary, tolerated, 'asymptotic'), kolmogorovSmirnov(tolerated, canary, 'asymptotic')];
      return { pGreater: above.pLess, pLess: below.pLess, interval: everything };
    }
  }
}

/** Means of all observations of two cohorts. */
export function testMeans(canary: Moments, baseline: Moments, { ratio, offset }: AffineMargin): TestedOnce {
  if (canary.count < 2 || baseline.count < 2) return noEvidence;
  const tolerated = { count: baseline.count, mean: ratio * baseline.mean + offset, variance: ratio ** 2 * baseline.variance };
  const { pGreater, pLess } = welchOfMoments(canary, tolerated);
  return { pGreater, pLess, interval: welchOfMoments(canary, baseline).interval };
}

/** Stretches of time that are drawn as a whole, so that what follows upon each other stays together; fewer say nothing of their noise. */
const mostStretches = 24;
const fewestStretches = 8;

/**
 * Percentiles of all observations, by drawing stretches of windows anew.
 *
 * @returns one for each of `at`; null where there are too few windows, or their histograms cannot be added up
 */
export function testPercentiles(
  windows: readonly { readonly baseline: Histogram; readonly canary: Histogram }[],
  at: readonly number[],
  margin: AffineMargin,
  seed: number,
): TestedOnce[] | null {
  if (new Set(windows.flatMap((window) => [window.baseline.kind, window.canary.kind])).size > 1) return null;
  const [baseline, canary] = [stretches(windows.map((window) => window.baseline)), stretches(windows.map((window) => window.canary))];
  if (baseline.length < fewestStretches || canary.length < fewestStretches) return null;
  const found = bootstrapHistogramDifference(canary, baseline, at, { seed, margin });
  return found.length === at.length ? found : null;
}

/** Successive histograms added up, so that at most so many are left, of about the same length. */
function stretches(histograms: readonly Histogram[]): Histogram[] {
  const count = Math.min(mostStretches, histograms.length);
  const edges = Array.from({ length: count + 1 }, (_, index) => Math.round((index * histograms.length) / count));
  return edges.slice(1).flatMap((to, index) => pooled(histograms.slice(edges[index], to)) ?? []);
}

/** Exact where it can be: no two values alike, and fewer than 50 on each side. */
const methodFor = (x: readonly number[], y: readonly number[]): 'exact' | 'normal' =>
  x.length < 50 && y.length < 50 && new Set([...x, ...y]).size === x.length + y.length ? 'exact' : 'normal';

function momentsOf(values: readonly number[]): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { count: values.length, mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) };
}

/** Both samples of each window in which both cohorts have something of this kind. */
export function pairsOf<K extends Sample['kind']>(
  readings: readonly Measurement[],
  kind: K,
): { readonly baseline: Extract<Sample, { kind: K }>; readonly canary: Extract<Sample, { kind: K }> }[] {
  type Of = Extract<Sample, { kind: K }>;
  return readings.flatMap(({ baseline, canary }) =>
    baseline.kind === kind && canary.kind === kind ? [{ baseline: baseline as Of, canary: canary as Of }] : [],
  );
}

/** All observations of several windows as those of one. */
export function pooledMoments(windows: readonly Moments[]): Moments {
  const count = windows.reduce((sum, window) => sum + window.count, 0);
  const mean = windows.reduce((sum, window) => sum + window.count * window.mean, 0) / Math.max(1, count);
  const within = windows.reduce((sum, window) => sum + Math.max(0, window.count - 1) * window.variance, 0);
  const between = windows.reduce((sum, window) => sum + window.count * (window.mean - mean) ** 2, 0);
  return { count, mean, variance: count > 1 ? (within + between) / (count - 1) : 0 };
}

/** All windows as one; null where nothing was seen, or histograms of two forms cannot be added up. */
export function pooled(histograms: readonly Histogram[]): Histogram | null {
  if (new Set(histograms.map(({ kind }) => kind)).size !== 1) return null;
  const sum = new HistogramSum();
  for (const histogram of histograms) sum.add(histogram);
  return sum.soFar();
}
