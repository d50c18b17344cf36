import { describe, expect, it } from '@jest/globals';
import { randomNormal, seededRandom } from '../../test/support/random.js';
import { ExcessOverNoise, excessRule } from './excess-over-noise.js';

const noMargin = { relative: 0, absolute: 0 };
const cap = 0.5 * Math.log(100);

/** AR(1) around 0 with standard deviation 1. */
function sticky(length: number, lag1: number, random: () => number): number[] {
  const levels = [randomNormal(random)];
  while (levels.length < length) levels.push(lag1 * (levels.at(-1) ?? 0) + Math.sqrt(1 - lag1 ** 2) * randomNormal(random));
  return levels;
}

describe('how often a canary is beyond what its baseline does by itself', () => {
  const quiet = sticky(240, 0.5, seededRandom(1));

  it('has its bar where one pair of twenty differs by more', () => {
    const { bar } = excessRule(quiet, noMargin, 1);
    const above = quiet.flatMap((one) => quiet.map((other) => one - other)).filter((each) => each > bar);
    expect(above.length / quiet.length ** 2).toBeCloseTo(0.05, 2);
  });

  it('counts many windows as few where the level is sticky, also when spikes hide it', () => {
    const level = sticky(240, 0.9, seededRandom(2));
    const spiky = level.map((each, index) => (index % 50 === 7 ? each + 40 : each));
    expect(excessRule(quiet, noMargin, 1).phi).toBeLessThan(6);
    expect(excessRule(level, noMargin, 1).phi).toBeGreaterThan(12);
    expect(excessRule(spiky, noMargin, 1).phi).toBeGreaterThan(6);
  });

  it('turns with the side that is worse', () => {
    const mirrored = quiet.map((each) => -each);
    expect(excessRule(mirrored, noMargin, -1).bar).toBeCloseTo(excessRule(quiet, noMargin, 1).bar, 9);
  });

  it('has the same bar above a margin that only adds, and a little higher above one that multiplies the level', () => {
    const bar = excessRule(quiet, noMargin, 1).bar;
    expect(excessRule(quiet, { relative: 0, absolute: 9 }, 1).bar).toBeCloseTo(bar, 9);
    const high = quiet.map((level) => 50 + level);
    expect(excessRule(high, { relative: 0.1, absolute: 0 }, 1).bar).toBeCloseTo(1.1 * bar, 9);
    expect(excessRule(high, { relative: 0.1, absolute: 0 }, -1).bar / bar).toBeCloseTo(0.95, 1);
  });

  it('finds a canary that jumps and wanders so wildly that its mean proves nothing', () => {
    const evidence = new ExcessOverNoise(excessRule(quiet, noMargin, 1), noMargin, 1, cap);
    for (let window = 0; window < 20; window += 1) evidence.add({ baseline: 0, canary: window % 3 === 0 ? 500 : 8 });
    expect(evidence.logE()).toBeGreaterThan(Math.log(100));
  });

  it('takes noise that has grown in both cohorts for noise', () => {
    const random = seededRandom(3);
    const [baseline, canary] = [sticky(240, 0.5, random), sticky(240, 0.5, random)].map((levels) => levels.map((level) => 5 * level));
    const evidence = new ExcessOverNoise(excessRule(quiet, noMargin, 1), noMargin, 1, cap);
    let most = 0;
    for (const [window, level] of (baseline ?? []).entries()) {
      evidence.add({ baseline: level, canary: canary?.[window] ?? 0 });
      most = Math.max(most, evidence.logE());
    }
    expect(most).toBeLessThan(Math.log(100));
  });

  it('is no evidence at all while a daily cycle explains the difference', () => {
    const day = Array.from({ length: 240 }, (_, hour) => 50 + 40 * Math.sin((2 * Math.PI * hour) / 24));
    const evidence = new ExcessOverNoise(excessRule(day, noMargin, 1), noMargin, 1, cap);
    for (let window = 0; window < 12; window += 1) evidence.add({ baseline: 0, canary: 60 }); // an afternoon beside a night
    expect(evidence.logE()).toBeLessThan(0);
  });
});
