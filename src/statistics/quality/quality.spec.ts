import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { counterIncrease } from './counter-increase.js';
import { sampleRatioEvidence } from './sample-ratio-evidence.js';
import { splitEvidence } from './split-evidence.js';

describe('counterIncrease', () => {
  it('is what was counted, through restarts and missing samples', () => {
    const step = fc.oneof({ weight: 6, arbitrary: fc.nat(50) }, { weight: 1, arbitrary: fc.constant('missing' as const) });
    fc.assert(
      fc.property(fc.array(step), fc.nat(100), (steps, start) => {
        let value = start;
        let counted = 0;
        const samples: (number | null)[] = [start];
        for (const one of steps) {
          if (one === 'missing') {
            samples.push(null, Number.NaN);
            continue;
          }
          value += one;
          counted += one;
          samples.push(value);
        }
        expect(counterIncrease(samples)).toEqual({ increase: counted, resets: 0 });
      }),
    );
  });

  it('counts the whole value after a restart', () => {
    expect(counterIncrease([100, 120, 7, 9, 0])).toEqual({ increase: 29, resets: 2 });
  });

  it('knows no increase from a single sample', () => {
    expect(counterIncrease([5])).toEqual({ increase: 0, resets: 0 });
    expect(counterIncrease([null])).toEqual({ increase: 0, resets: 0 });
  });
});

describe('sample-ratio mismatch', () => {
  it('wins nothing on average while traffic is split as declared', () => {
    let sum = 0;
    let chance = 0.95 ** 30; // of `canary` out of 30 at a share of 5 %
    for (let canary = 0; canary <= 30; canary++) {
      sum += chance * Math.exp(sampleRatioEvidence([canary, 30 - canary], [0.05, 0.95]));
      chance *= ((30 - canary) / (canary + 1)) * (0.05 / 0.95);
    }
    expect(sum).toBeCloseTo(1, 9);
  });

  it('finds a canary that gets half of its share, and allows for the band', () => {
    expect(sampleRatioEvidence([2_500, 97_500], [0.05, 0.95])).toBeGreaterThan(Math.log(1000));
    expect(splitEvidence({ canary: 4_600, baseline: 95_400 }, 0.05, 0.005)).toBeLessThan(0);
    expect(splitEvidence({ canary: 2_500, baseline: 97_500 }, 0.05, 0.005)).toBeGreaterThan(Math.log(1000));
  });

  it('knows nothing without traffic, and refuses a share that is none', () => {
    expect(splitEvidence({ canary: 0, baseline: 0 }, 0.05, 0.01)).toBe(0);
    expect(() => splitEvidence({ canary: 1, baseline: 1 }, 0.05, 0.05)).toThrow(RangeError);
    expect(() => sampleRatioEvidence([1, 2], [0, 1])).toThrow(RangeError);
    expect(() => sampleRatioEvidence([1], [0.5, 0.5])).toThrow(RangeError);
  });
});
