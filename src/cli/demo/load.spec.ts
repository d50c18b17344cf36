import { describe, expect, it } from '@jest/globals';
import { nextGapMs, OpenLoopLoad, type Target } from './load.js';
import { requestsPerSecond, targetsOf, trafficSteps, weightOf } from './traffic.js';

describe('the load', () => {
  it('lets requests arrive as often as asked, on average', () => {
    let seed = 0;
    const random = (): number => {
      seed = (seed + 0.754877666) % 1; // low-discrepancy: the mean of the gaps is close to exact
      return seed;
    };
    const gaps = Array.from({ length: 10_000 }, () => nextGapMs(50, random));
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeCloseTo(20, 1);
  });

  it('sends what is overdue after a stall, instead of forgetting it', () => {
    let now = 0;
    const sent: Target[] = [];
    const target = { url: 'a', requestsPerSecond: 100 };
    const load = new OpenLoopLoad(
      (to) => sent.push(to),
      () => 1 - Math.exp(-1),
      () => now,
    );
    load.aim([target]);
    expect(sent).toHaveLength(0);
    now = 1000;
    load.catchUp();
    expect(sent).toHaveLength(100);
    load.stop();
  });

  it('leaves targets without traffic alone', () => {
    const load = new OpenLoopLoad(
      () => undefined,
      Math.random,
      () => 0,
    );
    load.aim([{ url: 'a', requestsPerSecond: 0 }]);
    load.stop();
  });
});

describe('the traffic', () => {
  it('is all given out at every step, equally to the pods of a version', () => {
    for (const step of trafficSteps) {
      const targets = targetsOf(step, ['b1', 'b2'], [['c1', 'c2'], ['d1', 'd2'], ['e1']]);
      expect(targets.reduce((sum, target) => sum + target.requestsPerSecond, 0)).toBeCloseTo(requestsPerSecond, 6);
      expect(targets.find(({ url }) => url === 'b1')?.requestsPerSecond).toBe(targets.find(({ url }) => url === 'b2')?.requestsPerSecond);
      expect(targets.find(({ url }) => url === 'e1')?.requestsPerSecond).toBeCloseTo(requestsPerSecond * step.canaryShare, 6);
    }
  });

  it('declares the weight that a run will see: its canary among its canary and the baseline', () => {
    expect(weightOf({ afterSeconds: 0, canaryShare: 0.2 }, 3)).toBeCloseTo(0.2 / (0.2 + 0.4), 9);
  });
});
