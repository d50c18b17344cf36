import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { betCount } from './bet-grid.js';
import { RestartCapital } from './restart-capital.js';
import { restartMixture } from './restart-mixture.js';
import { restartSchedule } from './restart-schedule.js';

const increments = fc.array(
  fc
    .array(fc.double({ min: -20, max: 3, noNaN: true }), { minLength: betCount, maxLength: betCount })
    .map((each) => Float64Array.from(each)),
  { maxLength: 70 },
);

describe('RestartCapital', () => {
  it('is the mixture over all starts, at every window', () => {
    fc.assert(
      fc.property(increments, fc.constantFrom(1, 20, 21, 60, 200), (list, planned) => {
        const starts = restartSchedule(planned);
        const capital = RestartCapital.of(starts);
        list.forEach((each, index) => {
          capital.add(each);
          const { logE } = restartMixture(list.slice(0, index + 1), starts);
          expect(Math.abs(capital.logE() - logE)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(logE)));
        });
      }),
      { numRuns: 40 },
    );
  });

  it('is 1 before anything is bet, and through windows that bring nothing', () => {
    const capital = RestartCapital.of(restartSchedule(100));
    expect(capital.logE()).toBeCloseTo(0, 12);
    for (let window = 0; window < 50; window += 1) capital.add(null);
    expect(capital.logE()).toBeCloseTo(0, 12);
  });

  it('leaves a copy alone', () => {
    const capital = RestartCapital.of(restartSchedule(100));
    const copy = capital.copy();
    capital.add(new Float64Array(betCount).fill(1));
    expect(copy.logE()).toBeCloseTo(0, 12);
    expect(capital.logE()).toBeGreaterThan(0.5);
  });
});
