import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { templateFrom } from '../../test/support/judge-windows.js';
import { seededRandom } from '../../test/support/random.js';
import type { Counts, MeasuredWindow, Verdict } from '../domain/index.js';
import { judge, newRunJudge } from './judge.js';

const template = templateFrom('analysis-templates/http-service.yaml', { service: 'shop' });
const warmup = template.schedule.warmupSeconds / template.schedule.windowSeconds;
const run = { template, from: new Date(0) };
const name = template.metrics.find(({ kind }) => kind === 'proportion')?.name ?? '';

const windowAt = (index: number, baseline: Counts, canary: Counts, isLate: boolean): MeasuredWindow => ({
  from: index * 15_000,
  to: (index + 1) * 15_000,
  weight: null,
  phase: 0,
  measurements: [
    { metric: name, baseline: { kind: 'counts', pods: {}, ...baseline }, canary: { kind: 'counts', pods: {}, ...canary }, warnings: [] },
  ],
  ...(isLate && { withoutHistory: true }),
});

/** Errors one by one at 1 %, the canary's times a factor; the first looks are taken without the history. */
function worldOf(seed: number, factor: number, late: number, count = 60) {
  const random = seededRandom(seed);
  const events = (share: number): number => Array.from({ length: 200 }, random).filter((one) => one < share).length;
  const at = (index: number, isLate: boolean): MeasuredWindow =>
    windowAt(index, { total: 200, events: events(0.01) }, { total: 200, events: events(0.01 * factor) }, isLate);
  const history = Array.from({ length: 120 }, (_, index) => at(index - 120, false));
  return { history, windows: Array.from({ length: count }, (_, index) => at(index, index < late)) };
}

const evidenceIn = ({ evidence }: Verdict) => evidence.find((each) => each.metric === name);
const logsOf = (windows: readonly MeasuredWindow[], history: readonly MeasuredWindow[]) => {
  const found = evidenceIn(judge(run, windows, { history, intervals: 'none' }));
  return { harm: found?.logHarm ?? 0, safe: found?.logSafe ?? 0, phi: found?.phi ?? 0 };
};
const unmarked = (windows: readonly MeasuredWindow[]) => windows.map(({ withoutHistory, ...window }) => window);

describe('a history that is known late', () => {
  it('leaves the looks before it as they were', () => {
    const { history, windows } = worldOf(1, 2, 40);
    expect(judge(run, windows.slice(0, 40), { history })).toEqual(judge(run, windows.slice(0, 40), { history: [] }));
  });

  it('counts from the first look that knew it: dispersion is learned, and evidence begins no higher than it was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: warmup + 5, max: 50 }),
        fc.constantFrom(0.5, 1, 3),
        (seed, late, factor) => {
          const { history, windows } = worldOf(seed, factor, late);
          const [cold, warm, now] = [[], history, history].map((known, which) =>
            logsOf(which === 2 ? windows.slice(0, late + 1) : unmarked(windows).slice(0, late + 1), known),
          );
          const [coldBefore, warmBefore] = [[], history].map((known) => logsOf(unmarked(windows).slice(0, late), known));
          if (!cold || !warm || !now || !coldBefore || !warmBefore) throw new Error('five questions, five answers');
          expect(now.phi).toBe(warm.phi);
          for (const side of ['harm', 'safe'] as const)
            expect(now[side]).toBeCloseTo(warm[side] + Math.min(0, coldBefore[side] - warmBefore[side]), 9);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('finds harm in the end', () => {
    const { history, windows } = worldOf(3, 5, 20, 120);
    expect(judge(run, windows, { history }).decision).toBe('rollback');
  });

  it('gives the same bytes whether all windows are judged at once or each as it came', () => {
    const { history, windows } = worldOf(5, 1.5, 20, 30);
    const [before, after] = [newRunJudge(run, []), newRunJudge(run, history)];
    windows.forEach((window, index) => {
      if (index < 20) before.add(window);
      after.add(window);
      const said = (index < 20 ? before : after).verdict({ intervals: 'recent' });
      expect(JSON.stringify(said)).toBe(JSON.stringify(judge(run, windows.slice(0, index + 1), { history, intervals: 'recent' })));
    });
  });
});
