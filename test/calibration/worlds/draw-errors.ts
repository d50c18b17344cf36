import { type CohortName, cohortNames, type Measurement, type Sample } from '../../../src/domain/index.js';
import { randomBurst, randomNormal, randomPoisson } from '../../support/random.js';
import { type ErrorWorld, expectedOf, measurement } from './world.js';

/** Counts of failed requests, per pod; where the baseline is earlier, of each earlier day. */
export function drawErrors(world: ErrorWorld, random: () => number): (window: number) => Measurement[] {
  return world.earlier === null ? drawSideBySide(world, random) : drawAgainstEarlier(world, world.earlier, random);
}

function drawSideBySide(world: ErrorWorld, random: () => number): (window: number) => Measurement[] {
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

/** Share of the last window that slow noise keeps: half of it is gone after nine minutes. */
const memory = 0.98;

function drawAgainstEarlier(
  world: ErrorWorld,
  { days, daySpread, slowSpread }: NonNullable<ErrorWorld['earlier']>,
  random: () => number,
): (window: number) => Measurement[] {
  const levels = Array.from({ length: days + 1 }, () => daySpread * randomNormal(random)); // today last
  const slow = levels.map(() => slowSpread * randomNormal(random));
  return (window) => {
    levels.forEach((_, day) => {
      slow[day] = memory * (slow[day] ?? 0) + Math.sqrt(1 - memory ** 2) * slowSpread * randomNormal(random);
    });
    const countsOf = (day: number, ratio: number): Sample => {
      const total = randomPoisson(world.requestsPerSecond * world.windowSeconds * world.load(window), random);
      const level = Math.exp((levels[day] ?? 0) + (slow[day] ?? 0));
      return { kind: 'counts', total, events: failures(total, ratio * level, world.burst, random), pods: {} };
    };
    return world.metrics.map((name, metric) => {
      const references = Array.from({ length: days }, (_, day) => countsOf(day, world.baseline(window)));
      const canary: Sample = window < 0 ? { kind: 'counts', total: 0, events: 0, pods: {} } : countsOf(days, world.canary(window, metric));
      return { ...measurement(name, together(references), canary), references };
    });
  };
}

function together(samples: readonly Sample[]): Sample {
  const counts = samples.flatMap((sample) => (sample.kind === 'counts' ? [sample] : []));
  const sum = (what: 'total' | 'events'): number => counts.reduce((all, sample) => all + sample[what], 0);
  return { kind: 'counts', total: sum('total'), events: sum('events'), pods: {} };
}

/** Failures among some requests, in bursts. */
function failures(total: number, ratio: number, burst: number, random: () => number): number {
  if (ratio >= 1) return total;
  let events = 0;
  for (let left = randomPoisson((total * ratio) / burst, random); left > 0; left -= 1) events += randomBurst(burst, random);
  return Math.min(total, events);
}
