import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { msUntilHandOver } from './hand-over-time.js';

describe('msUntilHandOver', () => {
  it('never passes the moment at which a window may close, and never waits longer than a tenth of a second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e6, max: 4e12 }),
        fc.integer({ min: 1, max: 3_600_000 }),
        fc.integer({ min: 0, max: 3_600_000 }),
        (now, windowMs, latenessMs) => {
          const pause = msUntilHandOver(now, { windowMs, latenessMs });
          const windowOf = (ms: number): number => Math.floor((ms - latenessMs) / windowMs);
          expect(pause).toBeGreaterThan(0);
          expect(pause).toBeLessThanOrEqual(100);
          expect(windowOf(now + pause - 1)).toBe(windowOf(now));
        },
      ),
    );
  });

  it('hands over when the window is due', () => {
    const plan = { windowMs: 1_000, latenessMs: 50 };
    expect(msUntilHandOver(1_700_000_000_020, plan)).toBe(30);
    expect(msUntilHandOver(1_700_000_000_050, plan)).toBe(100);
    expect(msUntilHandOver(1_700_000_001_049, plan)).toBe(1);
  });
});
