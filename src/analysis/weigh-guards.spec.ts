import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Guards, MeasuredWindow, Template, Traffic } from '../domain/index.js';
import { restartSchedule } from '../statistics/index.js';
import { guardsOf, weighGuards } from './weigh-guards.js';

const guards: Guards = { sampleRatio: { tolerance: 0.02 }, mix: { by: 'http.route', tolerance: { relative: 0.5, absolute: 0.02 } } };
const schedule = { windowSeconds: 15, warmupSeconds: 0 };
type Slices = Traffic['baseline'];

const windowsOf = (count: number, at: (index: number) => { baseline: Slices; canary: Slices; weight?: number | null }): MeasuredWindow[] =>
  Array.from({ length: count }, (_, index) => {
    const { baseline, canary, weight = null } = at(index);
    const traffic = { attribute: 'http.route', baseline, canary };
    return { from: index * 15_000, to: (index + 1) * 15_000, weight, phase: 0, measurements: [], traffic };
  });

const weigh = (windows: readonly MeasuredWindow[], change: Partial<Guards> = {}) => {
  const template = { guards: { ...guards, ...change }, schedule } as unknown as Template;
  const findings = weighGuards({ template, windows, starts: restartSchedule(240) });
  return { mix: findings.find(({ guard }) => guard === 'traffic-mix'), ratio: findings.find(({ guard }) => guard === 'sample-ratio') };
};

const shop = { '/': 300, '/cart': 120, '/pay': 80 };

describe('the mix guard', () => {
  const failingFast = windowsOf(20, () => ({ baseline: shop, canary: { '/': 100, '/cart': 10, '/pay': 5, '/oops': 400 } }));

  it('alarms when the canary serves other routes, and names those that moved most', () => {
    expect(weigh(failingFast).mix).toMatchObject({ alarm: true });
    expect(weigh(failingFast).mix?.detail).toBe(
      'route /oops: 78 % of canary requests against 0 % of baseline, route /: 19 % of canary requests against 60 % of baseline, route /cart: 1.9 % of canary requests against 24 % of baseline',
    );
  });

  it('suspects another mix before it can alarm, and never calls it the same', () => {
    const found = failingFast.map((_, index) => weigh(failingFast.slice(0, index + 1)).mix);
    expect(found[0]).toMatchObject({ alarm: false, suspected: true });
    expect(found.every((mix) => mix?.alarm !== mix?.suspected)).toBe(true);
    expect(found[0]?.detail).toMatch(/^route \/oops: 78 % of canary requests against 0 % of baseline, route \/:/);
    const few = windowsOf(1, () => ({ baseline: { '/': 9, '/oops': 1 }, canary: { '/': 6, '/oops': 4 } }));
    expect(weigh(few).mix).toMatchObject({ alarm: false, suspected: false });
    expect(weigh(few).mix?.detail).toMatch(/^no other mix proven; largest difference: route \/:/);
    const same = weigh(windowsOf(20, () => ({ baseline: shop, canary: shop }))).mix;
    expect(same).toMatchObject({ alarm: false, suspected: false });
    expect(same?.detail).toMatch(/^the same mix so far; largest difference: /);
  });

  it('is not alarmed by a canary that answers slower and so gets fewer of the same requests', () => {
    const slower = windowsOf(200, () => ({ baseline: shop, canary: { '/': 60, '/cart': 24, '/pay': 16 } }));
    expect(weigh(slower).mix?.alarm).toBe(false);
  });

  it('is not alarmed by a mix that drifts in both cohorts while the split grows', () => {
    const drifting = windowsOf(200, (index) => {
      const [pay, share] = [10 + 2 * index, index < 80 ? 0.05 : 0.5];
      const part = (of: number): Slices => ({ '/': Math.round(500 * of), '/pay': Math.round(pay * of) });
      return { baseline: part(1 - share), canary: part(share) };
    });
    expect(weigh(drifting).mix?.alarm).toBe(false);
  });

  it('finds a shift that begins late', () => {
    const late = windowsOf(180, (index) => ({ baseline: shop, canary: index < 160 ? shop : { '/': 100, '/cart': 300, '/pay': 100 } }));
    expect(weigh(late.slice(0, 160)).mix?.alarm).toBe(false);
    expect(weigh(late).mix?.alarm).toBe(true);
  });

  it('never decides on one window, whatever is in it', () => {
    const counts = fc.record({ '/': fc.nat(100_000), '/a': fc.nat(100_000), constructor: fc.nat(1000) });
    fc.assert(
      fc.property(counts, counts, (baseline, canary) => {
        expect(weigh(windowsOf(1, () => ({ baseline, canary }))).mix?.alarm).not.toBe(true);
      }),
    );
  });

  it('says the same whichever way round the cohorts are', () => {
    const swapped = failingFast.map(({ traffic, ...rest }): MeasuredWindow => {
      const { baseline = {}, canary = {} } = traffic ?? {};
      return { ...rest, traffic: { attribute: 'http.route', baseline: canary, canary: baseline } };
    });
    expect(weigh(swapped).mix?.alarm).toBe(true);
  });

  it('says nothing where it is off, where nothing is told apart, or where another attribute was', () => {
    expect(weigh(failingFast, { mix: null }).mix).toBeUndefined();
    expect(weigh(failingFast, { mix: { by: 'region', tolerance: { relative: 0.5, absolute: 0.02 } } }).mix).toBeUndefined();
    expect(weigh(windowsOf(20, () => ({ baseline: { '': 300 }, canary: { '': 20 } }))).mix).toBeUndefined();
  });

  it('takes a slice that appears late for one that had no share until then', () => {
    const counts = fc.record({ '/': fc.nat(300), '/cart': fc.nat(50) });
    const late = fc.record({ '/new': fc.nat(80) });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(counts, counts, late), { minLength: 30, maxLength: 40 }),
        fc.integer({ min: 1, max: 29 }),
        (all, since) => {
          const listedAs = (unseen: Slices): MeasuredWindow[] =>
            windowsOf(all.length, (index) => {
              const [baseline, canary, extra] = all[index] ?? [{}, {}, {}];
              return { baseline: { ...baseline, ...(index < since ? unseen : extra) }, canary: { ...canary, ...unseen } };
            });
          expect(weigh(listedAs({})).mix?.logE).toBeCloseTo(weigh(listedAs({ '/new': 0 })).mix?.logE ?? Number.NaN, 9);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('does not take a slice that is too small to be listed for one that is gone', () => {
    const [listed, lumped]: Slices[] = [
      { '/': 300, '/rare': 20, other: 180 },
      { '/': 300, other: 200 },
    ];
    const unlisted = windowsOf(100, (index) => {
      const slices = (index % 2 ? lumped : listed) ?? {};
      return { baseline: slices, canary: slices };
    });
    expect(weigh(unlisted).mix?.alarm).toBe(false);
  });
});

describe('the sample-ratio guard', () => {
  const split = (canary: number, weight: number | null, count = 60) =>
    windowsOf(count, () => ({ baseline: { '/': 1000 - canary }, canary: { '/': canary }, weight }));

  it('alarms when the canary gets half of what was declared, with the numbers', () => {
    const { ratio } = weigh(split(250, 0.5));
    expect(ratio?.alarm).toBe(true);
    expect(ratio?.detail).toBe('the canary got 25 % of 50 000 observations, declared 50 %');
  });

  it('allows for the tolerance', () => {
    expect(weigh(split(485, 0.5, 240)).ratio).toMatchObject({ alarm: false, suspected: false });
    expect(weigh(split(450, 0.5, 240)).ratio?.alarm).toBe(true);
  });

  it('says nothing without a weight, or where everything is the canary', () => {
    expect([weigh(split(500, null)).ratio, weigh(split(500, 1)).ratio, weigh(split(500, 0.1), { sampleRatio: null }).ratio]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('waits until a new weight has settled, and forgets one that has come right', () => {
    const steps = (count: number) =>
      windowsOf(count, (index) => {
        const [weight, share] = index < 40 ? [0.05, 0.05] : [0.5, index < 60 ? 0.05 : 0.5];
        return { baseline: { '/': 1000 * (1 - share) }, canary: { '/': 1000 * share }, weight };
      });
    expect(weigh(steps(49)).ratio?.alarm).toBe(false);
    expect(weigh(steps(60)).ratio?.alarm).toBe(true);
    expect(weigh(steps(120)).ratio?.alarm).toBe(false);
  });

  it('holds for any declared weight, however small', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), fc.nat(1000), (weight, canary) => {
        expect(weigh(split(canary, weight, 14)).ratio?.logE).not.toBeNaN();
      }),
    );
  });
});

describe('guards that are kept up to date', () => {
  it('say after each window what all windows at once say', () => {
    const counts = fc.dictionary(fc.constantFrom('/', '/a', '/b', 'other'), fc.nat(400), { maxKeys: 4 });
    const weight = fc.constantFrom(null, 0.05, 0.5, 1);
    fc.assert(
      fc.property(fc.array(fc.tuple(counts, counts, weight), { minLength: 1, maxLength: 50 }), (all) => {
        const windows = windowsOf(all.length, (index) => {
          const [baseline, canary, declared] = all[index - (index % 12)] ?? [{}, {}, null];
          return { baseline, canary, weight: declared };
        });
        const template = { guards, schedule } as unknown as Template;
        const starts = restartSchedule(240);
        const watches = guardsOf(template, starts);
        windows.forEach((window, index) => {
          for (const watch of watches) watch.add(window);
          const findings = watches.flatMap((watch) => watch.finding() ?? []);
          expect(findings).toEqual(weighGuards({ template, windows: windows.slice(0, index + 1), starts }));
        });
      }),
      { numRuns: 12 },
    );
  });
});
