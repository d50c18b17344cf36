import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBurst, randomPoisson, seededRandom } from '../../../test/support/random.js';
import { type SeriesWindow, sustainedExcess } from './sustained-excess.js';

/** Shares of events among 1000 observations a window. */
function shares(levels: readonly number[], { burst = 1, total = 1000, seed = 1 } = {}): SeriesWindow[] {
  const random = seededRandom(seed);
  return levels.map((level) => {
    let events = 0;
    for (let left = randomPoisson((total * level) / burst, random); left > 0; left -= 1)
      events += burst > 1 ? randomBurst(burst, random) : 1;
    return { value: Math.min(total, events) / total, weight: total };
  });
}
const positions = (flags: readonly boolean[]): number[] => flags.flatMap((flag, index) => (flag ? [index] : []));
const span = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const flat = (level: number): number[] => Array.from({ length: 240 }, () => level);

describe('sustainedExcess', () => {
  it('finds an outage with a window more at both ends', () => {
    const levels = flat(0.005).map((level, index) => (index >= 100 && index < 120 ? 0.2 : level));
    expect(positions(sustainedExcess(shares(levels)))).toEqual(span(99, 120));
  });

  it('finds one that comes and goes, and one at the end', () => {
    const levels = flat(0.005).map((level, index) => ((index >= 100 && index < 120 && index % 4 < 3) || index >= 230 ? 0.2 : level));
    expect(positions(sustainedExcess(shares(levels)))).toEqual([...span(99, 119), ...span(229, 239)]);
  });

  it('finds one of a service that never fails otherwise', () => {
    const levels = flat(0).map((level, index) => (index >= 50 && index < 56 ? 0.5 : level));
    expect(positions(sustainedExcess(shares(levels)))).toEqual(span(49, 56));
  });

  it('finds slow minutes among levels that are no counts', () => {
    const values = flat(0.2).map((value, index) => ({ value: index >= 60 && index < 70 ? 5 : value + (index % 7) / 100, weight: null }));
    expect(positions(sustainedExcess(values))).toEqual(span(59, 70));
    expect(sustainedExcess(values.map(() => ({ value: 3, weight: null })))).not.toContain(true);
  });

  it('keeps noise: bursts, rare events, a drift, a single bad window', () => {
    let [bursts, rare] = [0, 0];
    for (let seed = 1; seed <= 40; seed += 1) {
      bursts += positions(sustainedExcess(shares(flat(0.005), { burst: 10, seed }))).length;
      rare += positions(sustainedExcess(shares(flat(0.002), { burst: 4, total: 90, seed }))).length;
      const drifting = flat(0).map((_, index) => 0.005 * (1 + 0.5 * Math.sin(index / 40)));
      expect(sustainedExcess(shares(drifting, { seed }))).not.toContain(true);
    }
    expect(bursts / (40 * 240)).toBeLessThan(0.005);
    expect(rare / (40 * 240)).toBeLessThan(0.005);
    const single = shares(flat(0.005)).map((window, index) => (index === 100 ? { ...window, value: 1 } : window));
    expect(sustainedExcess(single)).not.toContain(true);
  });

  it('never leaves out half of a series, and depends on no unit', () => {
    const window = fc.record({ value: fc.double({ min: 0, max: 1, noNaN: true }), weight: fc.constant(100) });
    fc.assert(
      fc.property(fc.array(window, { maxLength: 100 }), fc.constantFrom(2 ** -10, 2 ** 20), (series, unit) => {
        const flags = sustainedExcess(series.map(({ value }) => ({ value, weight: null })));
        expect(sustainedExcess(series.map(({ value }) => ({ value: value * unit, weight: null })))).toEqual(flags);
        expect(sustainedExcess(series)).toHaveLength(series.length);
      }),
    );
  });
});
