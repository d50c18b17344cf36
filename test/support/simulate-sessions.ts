import type { MeasuredWindow } from '../../src/domain/index.js';
import { randomBurst, randomPoisson } from './random.js';

/** Traffic of users who stay on the side where they began, with a mix of routes that follows the day. */
export interface SessionWorld {
  readonly windows: number;
  readonly requestsPerSecond: number;
  /** requests of one user: 1 to this many, equally likely */
  readonly longest: number;
  /** seconds between two requests of a user, on average */
  readonly pauseSeconds: number;
  /** share of a user's requests that go to the route of the first */
  readonly loyalty: number;
  /** one request in ten comes in bursts to one route, this many on average; 0: none does */
  readonly burst: number;
  /** declared share of the canary in this window */
  readonly weight: (window: number) => number;
  /** what the canary gets of its declared share: 1 is as declared */
  readonly routed: number;
  /** share of the canary's users that are sent to the first route whatever they want */
  readonly misled: number;
}

export const healthySessions: SessionWorld = {
  windows: 240,
  requestsPerSecond: 25,
  longest: 8,
  pauseSeconds: 8,
  loyalty: 0.7,
  burst: 0,
  weight: (window) => (window < 80 ? 0.05 : window < 160 ? 0.2 : 0.5),
  routed: 1,
  misled: 0,
};

const routes = 8;
const windowSeconds = 15;
/** users who are there before the first window */
const before = 8;

/** What the guards see of such a world: counts by route, no metrics. */
export function simulateSessions(world: SessionWorld, random: () => number): MeasuredWindow[] {
  const windows = Array.from({ length: world.windows }, () => ({ baseline: new Map<string, number>(), canary: new Map<string, number>() }));
  const phases = Array.from({ length: routes }, () => 2 * Math.PI * random());
  const count = (window: number, side: 'baseline' | 'canary', route: number, requests = 1): void => {
    const counts = windows[window]?.[side];
    counts?.set(`/${route}`, (counts.get(`/${route}`) ?? 0) + requests);
  };
  for (let window = -before; window < world.windows; window += 1) {
    const sizes = phases.map((phase, route) => Math.exp(0.6 * Math.sin(window / 38 + phase)) / (route + 1));
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const odds = sizes.map((size) => size / all);
    const share = world.weight(window) * world.routed;
    const load = world.requestsPerSecond * windowSeconds * (1 + 0.5 * Math.sin(window / 38));
    for (let user = randomPoisson(load / ((1 + world.longest) / 2), random); user > 0; user -= 1) {
      const side = random() < share ? 'canary' : 'baseline';
      const favourite = side === 'canary' && random() < world.misled ? 0 : drawn(odds, random);
      let at = (window + random()) * windowSeconds;
      for (let request = 1 + Math.floor(random() * world.longest); request > 0; request -= 1) {
        count(Math.floor(at / windowSeconds), side, random() < world.loyalty ? favourite : drawn(odds, random));
        at -= Math.log(1 - random()) * world.pauseSeconds;
      }
    }
    if (world.burst === 0) continue;
    for (let burst = randomPoisson((0.1 * load) / world.burst, random); burst > 0; burst -= 1)
      count(window, random() < share ? 'canary' : 'baseline', drawn(odds, random), randomBurst(world.burst, random));
  }
  return windows.map(({ baseline, canary }, index) => ({
    from: index * windowSeconds * 1000,
    to: (index + 1) * windowSeconds * 1000,
    weight: world.weight(index),
    phase: 0,
    measurements: [],
    traffic: { attribute: 'http.route', baseline: Object.fromEntries(baseline), canary: Object.fromEntries(canary) },
  }));
}

function drawn(odds: readonly number[], random: () => number): number {
  let left = random();
  const found = odds.findIndex((one) => {
    left -= one;
    return left < 0;
  });
  return Math.max(0, found);
}
