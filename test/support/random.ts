import { logGamma } from '../../src/statistics/index.js';

/** Same seed, same numbers, on any machine (mulberry32): uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal (Box–Muller). */
export function randomNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Number of events where `mean` are expected. */
export function randomPoisson(mean: number, random: () => number): number {
  return mean < 10 ? poissonByProduct(mean, random) : poissonByRejection(mean, random);
}

function poissonByProduct(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let events = 0;
  for (let product = random(); product > limit; product *= random()) events += 1;
  return events;
}

/** @see Hörmann (1993), The transformed rejection method for generating Poisson random variables, algorithm PTRS */
function poissonByRejection(mean: number, random: () => number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const accepted = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const events = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= accepted) return events;
    if (events < 0 || (us < 0.013 && v > us)) continue;
    const ratio = Math.log((v * inverseAlpha) / (a / (us * us) + b));
    if (ratio <= events * Math.log(mean) - mean - logGamma(events + 1)) return events;
  }
}

/** Length of a burst that lasts `mean` on average, at least 1 (geometric). */
export function randomBurst(mean: number, random: () => number): number {
  return mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / mean));
}
