import type { CohortName, Measurement, Sample } from '../../../src/domain/index.js';
import { normalCdf } from '../../../src/statistics/index.js';
import { randomNormal, randomPoisson } from '../../support/random.js';
import { expectedOf, type LatencyWorld, measurement, metricName } from './world.js';

const scale = 3;
/** 1 ms to 16 s */
const lowest = -80;
const buckets = 112;

/** Histograms of durations; requests arrive independently, so that each bucket is a Poisson count. */
export function drawLatency(world: LatencyWorld, random: () => number): (window: number) => Measurement[] {
  const expectedIn = expectedBuckets(world);
  const sampleOf = (cohort: CohortName, window: number): Sample => {
    const noise = world.ownNoise > 0 ? world.ownNoise * randomNormal(random) : 0;
    const counts = Array.from(expectedIn(cohort, window, noise), (mean) => (mean < never ? 0 : randomPoisson(mean, random)));
    return { kind: 'distribution', histogram: { kind: 'exponential', scale, zeroCount: 0, offset: lowest, counts } };
  };
  return (window) => [measurement(metricName, sampleOf('baseline', window), sampleOf('canary', window))];
}

/** Rarer than one in ten million windows: such a bucket stays empty. */
const never = 1e-7;

type ExpectedBuckets = (cohort: CohortName, window: number, noise: number) => Float64Array;

const remembered = new WeakMap<LatencyWorld, ExpectedBuckets>();

/** The same in every run of a world, where no noise moves them: kept, because they cost more than the draw. */
function expectedBuckets(world: LatencyWorld): ExpectedBuckets {
  const known = remembered.get(world);
  if (known) return known;
  const kept = new Map<string, Float64Array>();
  const expected: ExpectedBuckets = (cohort, window, noise) => {
    const key = `${cohort}/${window}`;
    const before = noise === 0 ? kept.get(key) : undefined;
    if (before) return before;
    const factor = world.slowness(window) * (cohort === 'canary' ? world.canarySlowness : 1);
    const buckets = bucketsOf(Math.log(world.medianSeconds * factor) + noise, world.sigma, expectedOf(world, cohort, window));
    if (noise === 0) kept.set(key, buckets);
    return buckets;
  };
  remembered.set(world, expected);
  return expected;
}

/** Observations expected in each bucket (β^i, β^(i+1)] of a log-normal. */
function bucketsOf(logMedian: number, sigma: number, expected: number): Float64Array {
  const means = new Float64Array(buckets);
  if (expected === 0) return means;
  const below = (bucket: number): number => normalCdf((((lowest + bucket) / 2 ** scale) * Math.LN2 - logMedian) / sigma);
  let before = below(0);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const upTo = below(bucket + 1);
    means[bucket] = (upTo - before) * expected;
    before = upTo;
  }
  return means;
}
