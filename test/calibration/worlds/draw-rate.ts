import type { CohortName, Measurement, Sample } from '../../../src/domain/index.js';
import { randomBurst, randomPoisson } from '../../support/random.js';
import { expectedOf, measurement, metricName, type RateWorld } from './world.js';

/** Events and the seconds of work in which they happened. */
export function drawRate(world: RateWorld, random: () => number): (window: number) => Measurement[] {
  const sampleOf = (cohort: CohortName, window: number): Sample => {
    const exposure = randomPoisson(expectedOf(world, cohort, window), random) * world.secondsPerRequest;
    const expected = exposure * world.baseline(window) * (cohort === 'canary' ? world.factor : 1);
    let events = 0;
    for (let left = randomPoisson(expected / world.burst, random); left > 0; left -= 1) events += randomBurst(world.burst, random);
    return { kind: 'rate', events, exposure };
  };
  return (window) => [measurement(metricName, sampleOf('baseline', window), sampleOf('canary', window))];
}
