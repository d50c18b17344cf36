import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomNormal, randomPoisson, seededRandom } from '../../../test/support/random.js';
import { RunningSeries } from '../dependence/running-series.js';
import { DifferenceInDifferences } from './difference-in-differences.js';
import { gaugeEvidence } from './gauge-evidence.js';

const level = fc.double({ min: 0.01, max: 100, noNaN: true });

describe('DifferenceInDifferences', () => {
  it('expects the service to follow its control in proportion', () => {
    const did = new DifferenceInDifferences();
    did.learn({ before: 2, controlNow: 0, controlBefore: 8 });
    expect(did.expected({ before: 2, controlNow: 12, controlBefore: 8 })).toBe(3);
  });

  it('expects what was before where the control stood still, and never less than nothing', () => {
    fc.assert(
      fc.property(level, level, level, (before, control, now) => {
        const did = new DifferenceInDifferences();
        did.learn({ before, controlNow: 0, controlBefore: control });
        expect(did.expected({ before, controlNow: control, controlBefore: control })).toBe(before);
        expect(did.expected({ before, controlNow: now, controlBefore: control }) / ((before * now) / control)).toBeCloseTo(1, 6);
        expect(did.expected({ before: 0, controlNow: 0, controlBefore: control })).toBe(0);
      }),
    );
  });

  it('has no ratio to go by where the control was never seen, and takes it for one', () => {
    const did = new DifferenceInDifferences();
    expect(did.expected({ before: 1, controlNow: 2, controlBefore: 0 })).toBe(3);
  });

  /** Errors per request over four hours before a release: common noise, and what only the service does. */
  function fourHours(apart: (window: number) => number, seed = 1): DifferenceInDifferences {
    const random = seededRandom(seed);
    const share = (rate: number): number => randomPoisson(3000 * rate, random) / 3000;
    const did = new DifferenceInDifferences();
    let common = 0;
    for (let window = 0; window < 240; window += 1) {
      common = 0.97 * common + 0.03 * randomNormal(random);
      const today = 1.3 * Math.exp(common);
      did.learnTrend({
        now: share(0.005 * today * apart(window)),
        before: share(0.005),
        controlNow: share(0.01 * today),
        controlBefore: share(0.01),
      });
    }
    return did;
  }

  it('does not reject trends that are parallel, however both move', () => {
    const evidence = Array.from({ length: 20 }, (_, seed) => fourHours(() => 1, seed + 1).logTrendsDiffer(1));
    expect(evidence.filter((logE) => logE >= Math.log(20)).length).toBeLessThanOrEqual(2);
  });

  it('rejects trends that went apart, unless they may', () => {
    expect(fourHours(() => 1.4).logTrendsDiffer(1)).toBeGreaterThan(Math.log(20));
    expect(fourHours(() => 0.7).logTrendsDiffer(1)).toBeGreaterThan(Math.log(20));
    expect(fourHours(() => 1.4).logTrendsDiffer(1.5)).toBeLessThan(Math.log(20));
  });

  it('knows its noise from 240 windows on', () => {
    const did = fourHours(() => 1);
    expect(did.noise(1)?.lag1).toBeLessThan(0.3);
    expect(did.noise(1.5)?.variance).toBeGreaterThan(did.noise(1)?.variance ?? Number.POSITIVE_INFINITY);
    expect(new DifferenceInDifferences().noise(1)).toBeNull();
    expect(new DifferenceInDifferences().logTrendsDiffer(1)).toBe(0);
  });

  it('shows a harm that a comparison with before alone would have to call a bad day', () => {
    const did = fourHours(() => 1);
    const random = seededRandom(9);
    const share = (rate: number): number => randomPoisson(3000 * rate, random) / 3000;
    const beyond = new RunningSeries();
    for (let window = 0; window < 60; window += 1) {
      const levels = { before: share(0.005), controlNow: share(0.013), controlBefore: share(0.01) };
      beyond.add(share(2 * 0.0065) - 1.25 * did.expected(levels) - 0.0005);
      did.learn(levels);
    }
    expect(gaugeEvidence(beyond, 'harm', { history: did.noise(1.25) }).logE).toBeGreaterThan(Math.log(100));
  });
});
