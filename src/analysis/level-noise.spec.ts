import { describe, expect, it } from '@jest/globals';
import { randomNormal, seededRandom } from '../../test/support/random.js';
import type { Measurement } from '../domain/index.js';
import { LevelNoise } from './level-noise.js';

const gap = { kind: 'gap', cause: 'absent', detail: '' } as const;

/** Windows of pods with noise of their own (sd 2, AR(1) 0.6) under shocks that hit all of them (sd 10). */
function windows(pods: number, count: number, seed = 5): Measurement[] {
  const random = seededRandom(seed);
  const own = Array.from({ length: pods }, () => 2 * randomNormal(random));
  return Array.from({ length: count }, () => {
    const shock = 50 + 10 * randomNormal(random);
    const levels = own.map((noise, i) => {
      own[i] = 0.6 * noise + Math.sqrt(1 - 0.36) * 2 * randomNormal(random);
      return [`pod-${i}`, shock + (own[i] as number) + i] as const;
    });
    const value = levels.reduce((sum, [, level]) => sum + level / pods, 0);
    return { metric: 'm', baseline: { kind: 'level', value, pods: Object.fromEntries(levels) }, canary: gap, warnings: [] };
  });
}

const learned = (all: readonly Measurement[]): LevelNoise => {
  const noise = new LevelNoise();
  for (const window of all) noise.learn(window);
  return noise;
};

describe('LevelNoise', () => {
  it('learns the noise of pods from two halves, whatever hits all of them', () => {
    const noise = learned(windows(10, 1000)).ofDifference(1, { canary: 1 / 2, baseline: 1 / 8 }).history;
    expect(noise?.variance).toBeGreaterThan(0.8 * 4 * (1 / 2 + 1 / 8));
    expect(noise?.variance).toBeLessThan(1.2 * 4 * (1 / 2 + 1 / 8));
    expect(noise?.lag1).toBeCloseTo(0.6, 1);
  });

  it('counts the baseline with the ratio of the margin', () => {
    const noise = learned(windows(10, 300));
    const [at1, at2] = [1, 2].map((ratio) => noise.ofDifference(ratio, { canary: 0, baseline: 1 }).history?.variance ?? 0);
    expect((at2 as number) / (at1 as number)).toBeCloseTo(4, 9);
  });

  it('takes all noise of the level where pods are not known, and none of it for shared', () => {
    const nameless = windows(10, 300).map((window): Measurement => {
      const { value } = window.baseline as { value: number };
      return { ...window, baseline: { kind: 'level', value } };
    });
    const { of, history } = learned(nameless).ofDifference(1, { canary: 1, baseline: 1 });
    expect(of).toBe('level');
    expect(history?.variance).toBeGreaterThan(150);
  });

  it('knows nothing from less than an hour of windows', () => {
    expect(learned(windows(10, 239)).ofDifference(1, { canary: 1, baseline: 1 })).toEqual({ of: 'run', history: null });
    expect(learned(windows(10, 239)).ofLevel()).toBeNull();
  });

  it('gives pods that come later to the smaller half', () => {
    const grown = [...windows(2, 30), ...windows(8, 300)];
    expect(learned(grown).ofDifference(1, { canary: 1, baseline: 1 }).history?.variance).toBeLessThan(40);
  });
});
