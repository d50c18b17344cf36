import type { AffineMargin } from '../betting/affine-margin.js';
import type { Histogram } from '../histograms/histogram.js';
import { histogramQuantile } from '../histograms/histogram-quantile.js';
import { mergeHistograms } from '../histograms/merge-histograms.js';
import type { Interval } from '../interval.js';
import { quantileType7 } from '../quantiles/quantile-type7.js';
import { seededRandom } from '../special/seeded-random.js';
import { allClusters, type CountsUpTo, type CumulativeCounts, firstWith, resampledClusters } from './resampled-clusters.js';

export interface BootstrapOptions {
  /** the same seed gives the same answer: record it with the result */
  readonly seed: number;
  /** how often both samples are drawn anew */
  readonly replicates?: number;
  /** of the interval, in (0, 1) */
  readonly confidence?: number;
  /** what the first quantile is held against: ratio · second + offset */
  readonly margin?: AffineMargin;
}

export interface BootstrapDifference {
  /** quantile of the first sample, in the unit of its values */
  readonly first: number;
  /** quantile of the second */
  readonly second: number;
  /** of first − second: percentiles of the replicates */
  readonly interval: Interval;
  /** share of replicates, itself included, in which the first is not above the margin */
  readonly pGreater: number;
  /** share of replicates, itself included, in which it is not below */
  readonly pLess: number;
}

/** As E.7 of the specification asks for. */
const usualReplicates = 2000;

/**
 * Difference of a quantile between two samples by the cluster bootstrap. Not valid under peeking.
 *
 * Whole clusters (pods, users, stretches of time) are drawn with replacement, so that what goes together stays together:
 * values need not be independent within one. Clusters must be, and there should be at least ten on each side. A cluster
 * of one value each is the ordinary bootstrap. Quantiles are of type 7.
 *
 * @param x  clusters of values
 * @param p  in [0, 1]
 * @throws {RangeError} a side without values
 * @see Davison & Hinkley (1997), Bootstrap Methods and their Application, sections 3.8 and 5.3
 */
export function bootstrapQuantileDifference(
  x: readonly (readonly number[])[],
  y: readonly (readonly number[])[],
  p: number,
  options: BootstrapOptions,
): BootstrapDifference {
  const [difference] = bootstrapped(onValues(x, p), onValues(y, p), options);
  if (!difference) throw new RangeError('both samples need values');
  return difference;
}

/**
 * The same as {@link bootstrapQuantileDifference} for clusters of which only histograms are known, at several quantiles that share the draws.
 *
 * @param at  in (0, 1)
 * @returns one for each of `at`; none where a side saw nothing, or its histograms cannot be merged with each other
 */
export function bootstrapHistogramDifference(
  x: readonly Histogram[],
  y: readonly Histogram[],
  at: readonly number[],
  options: BootstrapOptions,
): BootstrapDifference[] {
  const [first, second] = [onBuckets(x, at), onBuckets(y, at)];
  return first && second ? bootstrapped(first, second, options) : [];
}

/** Clusters as counts on one grid, and the quantiles of counts on it. */
interface Resampling {
  readonly clusters: readonly CumulativeCounts[];
  readonly quantiles: (upTo: CountsUpTo) => readonly number[];
}

function bootstrapped(x: Resampling, y: Resampling, options: BootstrapOptions): BootstrapDifference[] {
  const { seed, replicates = usualReplicates, confidence = 0.95, margin = { ratio: 1, offset: 0 } } = options;
  const random = seededRandom(seed);
  const [first, second] = [x, y].map(({ clusters, quantiles }) => ({
    own: quantiles(allClusters(clusters)),
    drawn: resampledClusters(clusters, replicates, random, quantiles),
  }));
  if (!first || !second) return [];
  return first.own.map((own, index) => {
    const pairs = first.drawn.map((values, draw) => [values[index] ?? Number.NaN, second.drawn[draw]?.[index] ?? Number.NaN] as const);
    const differences = pairs.map(([a, b]) => a - b);
    const beyond = pairs.map(([a, b]) => a - margin.ratio * b - margin.offset);
    const shareWhere = (holds: (value: number) => boolean): number => (1 + beyond.filter(holds).length) / (replicates + 1);
    const end = (p: number): number => quantileType7(differences, p);
    return {
      first: own,
      second: second.own[index] ?? Number.NaN,
      interval: { low: end((1 - confidence) / 2), high: end((1 + confidence) / 2) },
      pGreater: shareWhere((value) => !(value > 0)),
      pLess: shareWhere((value) => !(value < 0)),
    };
  });
}

/** How many there are up to each place. */
function cumulated(counts: readonly number[]): CumulativeCounts {
  let sum = 0;
  return Float64Array.from(counts, (count) => {
    sum += count;
    return sum;
  });
}

function onValues(clusters: readonly (readonly number[])[], p: number): Resampling {
  const grid = [...new Set(clusters.flat())].sort((a, b) => a - b);
  const filled = clusters.filter(({ length }) => length > 0);
  if (filled.length === 0) throw new RangeError('both samples need values');
  const position = new Map(grid.map((value, index) => [value, index]));
  const counted = filled.map((values) => {
    const counts = new Array<number>(grid.length).fill(0);
    for (const value of values) counts[position.get(value) as number] = (counts[position.get(value) as number] as number) + 1;
    return cumulated(counts);
  });
  return { clusters: counted, quantiles: (upTo) => [quantileOnGrid(grid, upTo, p)] };
}

/** Type 7 of values that are there several times each, ascending. */
function quantileOnGrid(values: readonly number[], upTo: CountsUpTo, p: number): number {
  const at = (rank: number): number => values[firstWith(upTo, rank + 1, values.length)] as number;
  const position = (upTo(values.length - 1) - 1) * p;
  const below = Math.floor(position);
  const low = at(below);
  return position === below ? low : low + (position - below) * (at(below + 1) - low);
}

/** All histograms in the buckets that all of them can be told in; a zero bucket of exponential ones comes first. */
function onBuckets(histograms: readonly Histogram[], at: readonly number[]): Resampling | null {
  const [head, ...tail] = histograms;
  if (!head || tail.some(({ kind }) => kind !== head.kind)) return null;
  const all = tail.reduce<Histogram>(mergeHistograms, head);
  const empty: Histogram = { ...all, counts: all.counts.map(() => 0), ...(all.kind === 'exponential' ? { zeroCount: 0 } : {}) };
  const zerosOf = (histogram: Histogram): number => (histogram.kind === 'exponential' ? histogram.zeroCount : 0);
  const clusters = histograms
    .map((histogram) => mergeHistograms(empty, histogram))
    .map((histogram) => cumulated([zerosOf(histogram), ...histogram.counts]))
    .filter((counts) => (counts.at(-1) ?? 0) > 0);
  if (clusters.length === 0) return null;
  const edges = edgesOf(all);
  return { clusters, quantiles: (upTo) => at.map((p) => quantileOfBuckets(upTo, p, edges)) };
}

interface Edges {
  /** of each bucket, the zero bucket first */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** inside exponential buckets observations are spread evenly in the logarithm */
  readonly isLogarithmic: boolean;
}

/** Where {@link histogramQuantile} begins and ends in each bucket. */
function edgesOf(histogram: Histogram): Edges {
  const alone = (bucket: number, p: number): number => {
    const counts = histogram.counts.map((_, index) => (index === bucket ? 1 : 0));
    const zeros = histogram.kind === 'exponential' ? { zeroCount: 0 } : {};
    return histogramQuantile({ ...histogram, ...zeros, counts } as Histogram, p) ?? Number.NaN;
  };
  const ends = (p: number): Float64Array => Float64Array.from([0, ...histogram.counts.map((_, bucket) => alone(bucket, p))]);
  return { low: ends(0), high: ends(1), isLogarithmic: histogram.kind === 'exponential' };
}

/** As {@link histogramQuantile} says it, of buckets that are added up only where they are looked at. */
function quantileOfBuckets(upTo: CountsUpTo, p: number, { low, high, isLogarithmic }: Edges): number {
  const rank = p * upTo(low.length - 1);
  const bucket = firstWith(upTo, rank, low.length);
  const before = bucket > 0 ? upTo(bucket - 1) : 0;
  const share = Math.min(1, Math.max(0, (rank - before) / (upTo(bucket) - before)));
  const [start, end] = [low[bucket] as number, high[bucket] as number];
  return isLogarithmic && start > 0 ? start * (end / start) ** share : start + share * (end - start);
}
