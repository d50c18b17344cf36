import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bet2 } from './bet2.js';
import { restartMixture } from './restart-mixture.js';
import { restartSchedule } from './restart-schedule.js';

const increments = fc.array(
  fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 16, maxLength: 16 }).map((values) => Float64Array.from(values)),
  { maxLength: 50 },
);

describe('restartMixture', () => {
  it('is the weighted mean of the evidence since each start', () => {
    fc.assert(
      fc.property(increments, fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 5 }), (windows, indexes) => {
        const starts = indexes.map((index) => ({ index, weight: 1 / indexes.length }));
        const { logE, partLogE } = restartMixture(windows, starts);
        const since = indexes.map((index) => restartMixture(windows.slice(index)).logE);
        since.forEach((expected, j) => {
          expect(partLogE[j]).toBeCloseTo(expected, 9);
        });
        const mean = since.reduce((sum, part) => sum + Math.exp(part) / indexes.length, 0);
        expect(logE).toBeCloseTo(Math.log(mean), 8);
      }),
    );
  });

  it('holds capital back for starts that have not come', () => {
    expect(
      restartMixture(
        [],
        [
          { index: 0, weight: 0.5 },
          { index: 20, weight: 0.5 },
        ],
      ).logE,
    ).toBeCloseTo(0, 12);
  });

  it('finds a harm that begins late much sooner than evidence from the start alone', () => {
    const good = Array.from({ length: 160 }, () => ({
      canaryTotal: 500,
      canaryEvents: 2,
      baselineTotal: 500,
      baselineEvents: 3,
      phi: 1,
      base: 0,
    }));
    const bad = Array.from({ length: 10 }, () => ({
      canaryTotal: 500,
      canaryEvents: 9,
      baselineTotal: 500,
      baselineEvents: 3,
      phi: 1,
      base: 0,
    }));
    const margin = { ratio: 1.1, offset: 0.0005 };
    const starts = restartSchedule(240);
    expect(bet2([...good, ...bad], margin, 'harm', { starts }).logE).toBeGreaterThan(Math.log(100));
    expect(bet2([...good, ...bad], margin, 'harm').logE).toBeLessThan(0);
  });

  it('refuses more capital than there is', () => {
    expect(() =>
      restartMixture(
        [],
        [
          { index: 0, weight: 0.8 },
          { index: 3, weight: 0.3 },
        ],
      ),
    ).toThrow(RangeError);
    expect(() => restartMixture([], [{ index: 0, weight: Number.NaN }])).toThrow(RangeError);
  });
});

describe('restartSchedule', () => {
  it('begins every 40 windows and at each planned phase, most of it at the first window', () => {
    const starts = restartSchedule(60, [0, 30, 40, 50, 500]);
    expect(starts.map((start) => start.index)).toEqual([0, 30, 40, 50]);
    const [first, ...late] = starts.map((start) => start.weight);
    expect(first).toBeCloseTo(0.7375, 12);
    for (const weight of late) expect(weight).toBeCloseTo(0.0875, 12);
  });

  it('stakes everything at the first window of a short run', () => {
    expect(restartSchedule(1)).toEqual([{ index: 0, weight: 1 }]);
  });

  it('never stakes more than there is', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.array(fc.nat(3000)), (total, phases) => {
        const sum = restartSchedule(total, phases).reduce((weight, start) => weight + start.weight, 0);
        expect(sum).toBeCloseTo(1, 9);
      }),
    );
  });
});
