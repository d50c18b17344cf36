import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { autocorrelation } from './autocorrelation.js';
import { clusterRatio } from './cluster-ratio.js';
import { effectiveRatio } from './effective-ratio.js';
import { neweyWestVariance } from './newey-west-variance.js';
import { podHeterogeneity } from './pod-heterogeneity.js';
import { predictablePhi } from './predictable-phi.js';
import { predictableRatePhi } from './predictable-rate-phi.js';
import { windowDispersion } from './window-dispersion.js';

const windows = fc.array(
  fc.integer({ min: 0, max: 2000 }).chain((total) => fc.record({ total: fc.constant(total), events: fc.integer({ min: 0, max: total }) })),
  { maxLength: 40 },
);

describe('windowDispersion', () => {
  it('is the burst size times as large when every event brings its neighbours', () => {
    const alone = [3, 1, 4, 1, 5, 9, 2, 6].map((events) => ({ total: 100_000, events }));
    const bursts = alone.map(({ total, events }) => ({ total, events: 4 * events }));
    expect(windowDispersion(bursts).raw / windowDispersion(alone).raw).toBeCloseTo(4, 2);
  });

  it('does not take a slow drift for bursts', () => {
    const drifting = Array.from({ length: 100 }, (_, i) => ({ total: 1000, events: 10 + i }));
    expect(windowDispersion(drifting).phi).toBe(1);
  });

  it('is never below 1 nor above its upper estimate', () => {
    fc.assert(
      fc.property(windows, (list) => {
        const { phi, phiUpper90 } = windowDispersion(list);
        expect(phi).toBeGreaterThanOrEqual(1);
        expect(phiUpper90).toBeGreaterThanOrEqual(phi);
      }),
    );
  });

  it('takes no events for no clusters', () => {
    expect(windowDispersion(Array.from({ length: 20 }, () => ({ total: 500, events: 0 }))).raw).toBe(1);
  });
});

describe('predictablePhi', () => {
  it('never uses a window to judge itself or an earlier one', () => {
    fc.assert(
      fc.property(windows, fc.nat(40), (list, cut) => {
        expect(predictablePhi(list.slice(0, cut))).toEqual(predictablePhi(list).slice(0, cut));
      }),
    );
  });

  it('assumes a dispersion of four while nothing was seen, and however long no event is seen', () => {
    const quiet = Array.from({ length: 300 }, () => ({ total: 1000, events: 0 }));
    expect(new Set(predictablePhi(quiet))).toEqual(new Set([4]));
    expect(predictablePhi(quiet.slice(0, 1), quiet)).toEqual([4]);
  });

  it('comes down to 1 as events come one by one, the sooner the more there are', () => {
    const few = predictablePhi(Array.from({ length: 200 }, (_, i) => ({ total: 1000, events: i % 3 === 0 ? 1 : 0 })));
    const many = predictablePhi(Array.from({ length: 200 }, (_, i) => ({ total: 1000, events: [7, 12, 9, 14, 8, 10][i % 6] as number })));
    expect(few[10]).toBeGreaterThan(1.5);
    expect(few[199]).toBeLessThan(1.5);
    expect(many[10]).toBeLessThan(1.6);
  });

  it('goes up after the first burst, whichever cohort it hits', () => {
    const quiet = Array.from({ length: 12 }, () => ({ total: 1000, events: 0 }));
    const burst = quiet.map((window, i) => (i === 5 ? { total: 1000, events: 10 } : window));
    expect(predictablePhi(burst)[7]).toBeGreaterThan(8);
    expect(predictablePhi(quiet, [], burst)[7]).toBeGreaterThan(8);
  });

  it('takes the start of an outage for a burst only until two more windows were as bad', () => {
    const quiet = Array.from({ length: 20 }, () => ({ total: 1000, events: 0 }));
    const outage = quiet.map((window, i) => (i < 10 ? window : { total: 1000, events: 1000 }));
    const phi = predictablePhi(quiet, [], outage);
    expect(phi[11]).toBeGreaterThan(100);
    expect(Math.max(...phi.slice(13))).toBeLessThanOrEqual(4);
  });

  it('starts warm with a history, as if the run had begun with it', () => {
    const list = Array.from({ length: 300 }, (_, i) => ({ total: 1000, events: (i * 7) % 13 }));
    expect(predictablePhi(list.slice(20, 30), list.slice(0, 20))).toEqual(predictablePhi(list.slice(0, 30)).slice(20));
  });

  it('does not count silent windows as seen', () => {
    const silent = Array.from({ length: 30 }, () => ({ total: 0, events: 0 }));
    expect(new Set(predictablePhi(silent))).toEqual(new Set([4]));
  });
});

describe('predictableRatePhi', () => {
  it('sees bursts in events that outnumber their exposure', () => {
    const steady = [100, 93, 108, 96, 111, 99, 104, 90, 101, 97, 95, 103, 106, 98].map((events) => ({ exposure: 15, events }));
    const bursts = steady.map(({ exposure, events }) => ({ exposure, events: 1000 + 40 * (events - 100) }));
    expect(predictableRatePhi(steady)[13]).toBeLessThan(2);
    expect(predictableRatePhi(bursts)[13]).toBeGreaterThan(20);
  });

  it('is that of a proportion where events are rare', () => {
    const counts = Array.from({ length: 40 }, (_, i) => ({ total: 1e9, exposure: 1e9, events: (i * 7) % 13 }));
    predictableRatePhi(counts).forEach((phi, i) => {
      expect(phi).toBeCloseTo(predictablePhi(counts)[i] as number, 6);
    });
  });
});

describe('podHeterogeneity and effectiveRatio', () => {
  it('finds no difference between pods that are as unlike as chance makes them', () => {
    const pods = [98, 104, 91, 110, 101, 95].map((events) => ({ total: 10_000, events }));
    expect(podHeterogeneity(pods)).toMatchObject({ tau: 0, usable: false });
  });

  it('is the spread of the logarithm when pods have many observations', () => {
    const logs = [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3];
    const pods = logs.map((log) => ({ total: 1e8, events: Math.round(1e6 * Math.exp(log)) }));
    const { tau, usable } = podHeterogeneity(pods);
    expect(tau).toBeCloseTo(0.216, 1);
    expect(usable).toBe(true);
  });

  it('does not trust few pods or few events', () => {
    const unlike = [60, 400, 60, 400].map((events) => ({ total: 10_000, events }));
    expect(podHeterogeneity(unlike).usable).toBe(false);
    expect(podHeterogeneity([]).tau).toBe(0);
  });

  it('widens the margin most for a single canary pod', () => {
    const at = (canaryPods: number): number => effectiveRatio(1.1, 0.3, { canaryPods, baselinePods: 19, alpha: 0.01 });
    expect(at(1)).toBeGreaterThan(at(5));
    expect(effectiveRatio(1.1, 0, { canaryPods: 1, baselinePods: 1, alpha: 0.01 })).toBeCloseTo(1.1, 12);
    expect(() => at(0)).toThrow(RangeError);
  });
});

describe('clusterRatio', () => {
  it('sees independent observations as such, and bundles as bundles', () => {
    const single = Array.from({ length: 200 }, (_, i) => ({ total: 1, events: i % 4 === 0 ? 1 : 0 }));
    const bundled = single.map(({ total, events }) => ({ total: 5 * total, events: 5 * events }));
    expect(clusterRatio(single).designEffect).toBeCloseTo(1, 1);
    expect(clusterRatio(bundled).designEffect).toBeCloseTo(5, 1);
  });

  it('knows no variance from one cluster', () => {
    expect(clusterRatio([{ total: 10, events: 1 }]).variance).toBe(Infinity);
  });
});

describe('autocorrelation', () => {
  it('counts a repeated series as fewer values', () => {
    const once = Array.from({ length: 40 }, (_, i) => Math.sin(i * i));
    const twice = once.flatMap((value) => [value, value]);
    expect(autocorrelation(twice).effectiveSampleSize).toBeLessThan(autocorrelation(once).effectiveSampleSize);
    expect(autocorrelation(twice).lag1).toBeGreaterThan(0.3);
  });

  it('never takes an alternating series for more than it is', () => {
    const alternating = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    expect(autocorrelation(alternating).effectiveSampleSize).toBe(40);
  });

  it('knows nothing from one value', () => {
    expect(autocorrelation([3])).toMatchObject({ effectiveSampleSize: 0, sampleVariance: 0 });
    expect(neweyWestVariance([3], 4)).toBe(Infinity);
  });
});
