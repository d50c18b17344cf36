import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { increaseOf } from './counter-increase.js';
import { counterTracks, podsAt } from './track.js';

/** Column 0 is what was known before; the edges follow. */
const track = (values: (number | null)[], pod = 'p') =>
  counterTracks([{ labels: { pod }, values }], null)[0] ?? { pod, points: [], poisoned: new Set() };

describe('the increase of counters', () => {
  it('adds up over windows to what happened, wherever the process restarts', () => {
    const life = fc.array(fc.record({ events: fc.nat(1000), restarts: fc.boolean() }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(life, fc.nat(1e9), (windows, already) => {
        const values: (number | null)[] = [null, already];
        let value = already;
        let truth = 0;
        for (const { events, restarts } of windows) {
          // a restart that ends above the old value cannot be seen from outside
          value = restarts && events < value ? events : value + events;
          truth += events;
          values.push(value);
        }
        const tracks = [track(values)];
        const counted = windows.map((_, edge) => increaseOf(tracks, edge, podsAt(tracks, edge)).total);
        expect(counted.reduce((sum, n) => sum + n, 0)).toBe(truth);
        expect(counted.every((n) => n >= 0)).toBe(true);
      }),
    );
  });

  it('counts a first error from zero where its pod was watched, and only learns where it stands otherwise', () => {
    const appearing = [track([null, null, 3])];
    expect(increaseOf(appearing, 0, new Set(['p'])).total).toBe(3);
    expect(increaseOf(appearing, 0, new Set(['other'])).total).toBe(0);
  });

  it('takes up a series where it was seen last', () => {
    expect(increaseOf([track([40, null, 43])], 0, new Set(['p'])).total).toBe(3);
    expect(increaseOf([track([null, 40, null, null, 43])], 2, new Set(['p'])).total).toBe(3);
  });

  it('finds an unlabelled series watched as soon as its cohort is', () => {
    expect(podsAt([track([null, 1], 'a')], 0)).toEqual(new Set(['a', '']));
    expect(podsAt([track([null, null], 'a')], 0)).toEqual(new Set());
  });

  it('subtracts before it adds: a restart in one series is not hidden by the growth of another', () => {
    const tracks = [track([null, 1000, 10]), track([null, 0, 2000], 'q')];
    expect(increaseOf(tracks, 0, podsAt(tracks, 0))).toEqual({
      byPod: new Map([
        ['p', 10],
        ['q', 2000],
      ]),
      total: 2010,
      rounded: 0,
    });
  });

  it('is exact where floating point can be', () => {
    const huge = 2 ** 53 - 5;
    expect(increaseOf([track([null, huge, huge + 3])], 0, new Set(['p'])).total).toBe(3);
  });

  it('rounds each counter down, unless it is an exposure', () => {
    const tracks = [track([null, 0.5, 2.25])];
    expect(increaseOf(tracks, 0, new Set())).toMatchObject({ total: 1, rounded: 1 });
    expect(increaseOf(tracks, 0, new Set(), false)).toMatchObject({ total: 1.75, rounded: 0 });
  });
});
