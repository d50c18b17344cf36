import { describe, expect, it } from '@jest/globals';
import { seededRandom, xoshiro128 } from './seeded-random.js';

describe('seededRandom', () => {
  it('draws the words of the reference implementation of xoshiro128**', () => {
    const words = xoshiro128([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, words)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('is the same for the same seed, and another for the next one', () => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(8)).not.toEqual(draw(7));
    expect(draw(0).every((value) => value >= 0 && value < 1)).toBe(true);
  });

  it('spreads evenly', () => {
    const random = seededRandom(1);
    const tenths = new Array<number>(10).fill(0);
    const values = Array.from({ length: 100_000 }, random);
    for (const value of values) tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;
    const chiSquare = tenths.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 99.9 % point with 9 degrees of freedom
  });
});
