import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PodsSeen, type PodWindow } from './pods-seen.js';

/** Windows of pods at these levels around 1 %, with the events that they have on average (halves by turns). */
function windows(levels: readonly number[], count: number, total = 1000, rateOf = (_: number): number => 0.01): Map<string, PodWindow>[] {
  return Array.from(
    { length: count },
    (_, i) =>
      new Map(
        levels.map((level, pod) => [`pod-${pod}`, { total, events: Math.round(total * rateOf(i) * level + 0.3 * Math.sin(7 * i + pod)) }]),
      ),
  );
}

const learned = (all: readonly Map<string, PodWindow>[], kind: 'shares' | 'rates' = 'shares'): PodsSeen => {
  const seen = new PodsSeen(kind);
  for (const window of all) seen.learn(window);
  return seen;
};

const unlike = [0.6, 0.7, 0.8, 1, 1.2, 1.4, 1.7];

describe('PodsSeen', () => {
  it('knows how unlike pods are once each has had traffic for fifty events', () => {
    expect(learned(windows(unlike, 3)).tau()).toBe(0);
    expect(learned(windows(unlike, 40)).tau()).toBeCloseTo(0.36, 1);
    expect(learned(windows(unlike, 40), 'rates').tau()).toBeCloseTo(0.36, 1);
  });

  it('says nothing of fewer than six pods, or of pods that are alike', () => {
    expect(learned(windows(unlike.slice(0, 5), 100)).tau()).toBe(0);
    expect(learned(windows([1, 1, 1, 1, 1, 1, 1], 100)).tau()).toBe(0);
  });

  it('does not take a pod for different because it served at a bad time', () => {
    const calm = windows([1, 1, 1, 1, 1, 1], 60);
    const storm = windows([1, 1, 1, 1, 1, 1], 60, 1000, () => 0.05).map(
      (window) => new Map([...window].map(([pod, counts]) => [`new-${pod}`, counts])),
    );
    expect(learned([...calm, ...storm]).tau()).toBe(0);
  });

  it('does not take bursts for unlike pods', () => {
    const bursty = windows([1, 1, 1, 1, 1, 1], 240, 1000, () => 0).map(
      (window, i) =>
        new Map([...window].map(([pod, { total }], j) => [pod, { total, events: (i * 7 + j * 11) % 23 === 0 ? 40 + 5 * j : 0 }])),
    );
    const seen = learned(bursty);
    expect(seen.dispersion()).toBeGreaterThan(20);
    expect(seen.tau()).toBe(0);
  });

  it('takes thirty pods with few events each as the units that were drawn', () => {
    const many = Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? 5 : 0));
    const few = new Map(many.map((events, i) => [`pod-${i}`, { total: 100, events }]));
    expect(learned([few]).tau()).toBe(0);
    expect(learned([few]).designEffect()).toBeGreaterThan(3);
    expect(learned([new Map([...few].slice(0, 29))]).designEffect()).toBe(1);
  });

  it('is finite, never negative and indifferent to the names of pods', () => {
    const window = fc.array(
      fc
        .integer({ min: 0, max: 500 })
        .chain((total) => fc.record({ total: fc.constant(total), events: fc.integer({ min: 0, max: total }) })),
      { minLength: 7, maxLength: 7 },
    );
    fc.assert(
      fc.property(fc.array(window, { maxLength: 30 }), (all) => {
        const named = (name: (pod: number) => string): PodsSeen =>
          learned(all.map((counts) => new Map(counts.map((count, pod) => [name(pod), count]))));
        const [seen, renamed] = [named((pod) => `a${pod}`), named((pod) => `z${9 - pod}`)];
        expect(seen.tau()).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(seen.tau())).toBe(true);
        expect(seen.dispersion()).toBeGreaterThanOrEqual(1);
        expect(seen.designEffect()).toBeGreaterThanOrEqual(1);
        expect(renamed.tau()).toBe(seen.tau());
      }),
    );
  });
});
