import type { CohortName, Measurement, Sample } from '../../../src/domain/index.js';
import { randomNormal, randomPoisson } from '../../support/random.js';
import { expectedOf, type MeanWorld, measurement, metricName } from './world.js';

/** Count, mean and variance of log-normal values. */
export function drawMean(world: MeanWorld, random: () => number): (window: number) => Measurement[] {
  const sampleOf = (cohort: CohortName, window: number): Sample => {
    const scale = world.level(window) * (cohort === 'canary' ? world.factor : 1) * Math.exp(-(world.sigma ** 2) / 2);
    const users = randomPoisson(expectedOf(world, cohort, window) / world.sameOfUser, random);
    const count = users * world.sameOfUser;
    let [mean, squares] = [0, 0];
    for (let seen = 1; seen <= users; seen += 1) {
      const value = scale * Math.exp(world.sigma * randomNormal(random));
      const distance = value - mean;
      mean += distance / seen;
      squares += distance * (value - mean);
    }
    return { kind: 'moments', count, mean, variance: count > 1 ? (squares * world.sameOfUser) / (count - 1) : 0 };
  };
  return (window) => [measurement(metricName, sampleOf('baseline', window), sampleOf('canary', window))];
}
