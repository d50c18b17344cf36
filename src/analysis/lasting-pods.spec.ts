import { describe, expect, it } from '@jest/globals';
import { randomNormal, seededRandom } from '../../test/support/random.js';
import { LastingPods, roomForLasting } from './lasting-pods.js';

/** What is learned of pods whose lasting levels have the given deviation, under noise of 1 and shocks of 20 that all share. */
function learned(pods: number, lasting: number, windows: number, seed = 1): LastingPods {
  const random = seededRandom(seed);
  const levels = Array.from({ length: pods }, () => lasting * randomNormal(random));
  const seen = new LastingPods();
  for (let window = 0; window < windows; window += 1) {
    const shock = 20 * randomNormal(random);
    seen.learn(Object.fromEntries(levels.map((level, pod) => [`pod-${pod}`, 50 + shock + level + randomNormal(random)])));
  }
  return seen;
}

describe('pods that differ for good', () => {
  it('are told from pods that differ for a moment', () => {
    expect(learned(200, 3, 120).spread()?.deviation).toBeCloseTo(3, 0);
    expect(learned(200, 0, 120).spread()?.deviation).toBeLessThan(0.05);
  });

  it('are not known from five pods, nor from a few windows', () => {
    expect(learned(5, 3, 240).spread()).toBeNull();
    expect(learned(20, 3, 59).spread()).toBeNull();
    expect(learned(6, 3, 60).spread()?.pods).toBe(6);
  });

  it('leaves out a level that is no number', () => {
    const seen = learned(8, 3, 60);
    const before = seen.spread();
    seen.learn({ 'pod-0': Number.NaN, 'pod-1': 50 });
    expect(seen.spread()).toEqual(before);
  });

  it('carry one pod beside eight further than the room in one of a hundred', () => {
    const random = seededRandom(7);
    const [draws, pods] = [20_000, 8];
    let beyond = 0;
    for (let draw = 0; draw < draws; draw += 1) {
      const levels = Array.from({ length: pods }, () => randomNormal(random));
      const mean = levels.reduce((sum, level) => sum + level / pods, 0);
      const deviation = Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2 / (pods - 1), 0));
      if (randomNormal(random) - mean > roomForLasting({ deviation, pods }, 1 + 1 / pods)) beyond += 1;
    }
    expect(beyond / draws).toBeGreaterThan(0.008);
    expect(beyond / draws).toBeLessThan(0.012);
  });
});
